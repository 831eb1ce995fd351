import Markdown, { type Components } from 'react-markdown'

/** Only web addresses may be links in a note. */
const isWeb = (address: string): boolean => /^https?:\/\//i.test(address)

/** Links show their address and open in a new tab. Pictures are replaced by their text, to avoid network requests. */
const components: Components = {
  a: ({ href, children }) =>
    href ? (
      <a href={href} title={href} target="_blank" rel="noopener noreferrer" className="nodrag">
        {children}
      </a>
    ) : (
      children
    ),
  img: ({ alt }) => <em>{alt}</em>,
}

/** The rendered Markdown of a note. HTML in it is shown as text. */
export function NoteText({ text }: { readonly text: string }) {
  return (
    <Markdown components={components} urlTransform={(address) => (isWeb(address) ? address : '')}>
      {text}
    </Markdown>
  )
}
