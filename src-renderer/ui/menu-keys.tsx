import styles from './menu-keys.module.css'

/** The keys of a menu's item. */
export const MenuKeys = ({ children }: { readonly children: string }) => <kbd className={styles.keys}>{children}</kbd>
