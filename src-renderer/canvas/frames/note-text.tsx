import Markdown, { type Components } from 'react-markdown'

/** Addresses that a note may lead to. */
const isWeb = (address: string): boolean => /^https?:\/\//i.test(address)

/** Links say where they lead and open elsewhere; pictures would be fetched from the network, so their words stand for them. */
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

/** The Markdown of a note. HTML in it is text like any other. */
export function NoteText({ text }: { readonly text: string }) {
  return (
    <Markdown components={components} urlTransform={(address) => (isWeb(address) ? address : '')}>
      {text}
    </Markdown>
  )
}
