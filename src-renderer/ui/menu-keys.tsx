import styles from './menu-keys.module.css'

/** The shortcut of a menu item. */
export const MenuKeys = ({ children }: { readonly children: string }) => <kbd className={styles.keys}>{children}</kbd>
