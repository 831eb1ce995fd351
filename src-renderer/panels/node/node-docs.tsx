import Markdown from 'react-markdown'
import styles from './node-panel.module.css'

/** The help of a node. Markdown alone: HTML in it is text. */
export function NodeDocs({ text }: { readonly text: string }) {
  return (
    <div className={styles.docs}>
      <Markdown skipHtml>{text}</Markdown>
    </div>
  )
}
