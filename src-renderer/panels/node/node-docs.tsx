import Markdown from 'react-markdown'
import styles from './node-panel.module.css'

/** The Markdown help of a node. HTML in it is shown as text. */
export function NodeDocs({ text }: { readonly text: string }) {
  return (
    <div className={styles.docs}>
      <Markdown skipHtml>{text}</Markdown>
    </div>
  )
}
