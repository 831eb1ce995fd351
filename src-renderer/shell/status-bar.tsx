import styles from './status-bar.module.css'

/** What the server does and how the document is. */
export function StatusBar() {
  return <footer className={styles.bar} />
}
