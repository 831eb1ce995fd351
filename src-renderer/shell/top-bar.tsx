import styles from './top-bar.module.css'

/** Documents and what to do with them. */
export function TopBar() {
  return <header className={styles.bar} />
}
