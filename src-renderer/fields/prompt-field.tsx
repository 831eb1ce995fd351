import { type KeyboardEvent, memo, useRef } from 'react'
import { flushSync } from 'react-dom'
import { t } from '../strings/t.ts'
import { ariaOf, type ControlProps } from './control.ts'
import { FieldBox } from './field-box.tsx'
import styles from './fields.module.css'
import { markPrompt } from './prompt-marks.ts'
import { shiftWeight } from './prompt-weight.ts'
import { textRows } from './sizes.ts'
import { useTokenCount } from './use-token-count.ts'

const directions: Readonly<Record<string, 1 | -1>> = { ArrowUp: 1, ArrowDown: -1 }

/** A text of several lines, its weights coloured and its tokens counted. */
export function PromptField({ field }: ControlProps<'text'>) {
  const text = String(field.value)
  const backdrop = useRef<HTMLPreElement>(null)

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    const direction = event.ctrlKey || event.metaKey ? directions[event.key] : undefined
    if (!direction) return
    event.preventDefault()
    const { currentTarget: area } = event
    const next = shiftWeight({ text, start: area.selectionStart, end: area.selectionEnd }, direction)
    // The selection is of the new text, so that has to be there first.
    flushSync(() => field.change(next.text))
    area.setSelectionRange(next.start, next.end)
  }
  return (
    <FieldBox field={field} stacked aside={<TokenCount text={text} />}>
      <div className={styles.prompt}>
        <pre ref={backdrop} className={styles.backdrop} aria-hidden>
          <Marks text={text} />
        </pre>
        <textarea
          {...ariaOf(field)}
          className={styles.area}
          rows={textRows}
          spellCheck={false}
          value={text}
          onChange={({ target }) => field.change(target.value)}
          onScroll={({ currentTarget }) => {
            if (backdrop.current) backdrop.current.scrollTop = currentTarget.scrollTop
          }}
          onBlur={field.end}
          onKeyDown={onKeyDown}
        />
      </div>
    </FieldBox>
  )
}

/** The text in the colours of its weights; it lies behind the text that is edited. */
const Marks = memo(function Marks({ text }: { readonly text: string }) {
  let at = 0
  return markPrompt(text).map((stretch) => {
    const key = at
    at += stretch.text.length
    return (
      <span key={key} data-mark={stretch.mark}>
        {stretch.text}
      </span>
    )
  })
})

/** "12 / 75": tokens of the text, of those that the chunks that it takes have room for. */
function TokenCount({ text }: { readonly text: string }) {
  const count = useTokenCount(text)
  if (!count) return null
  const room = Math.max(1, count.chunks) * chunkTokens
  return (
    <span className={styles.count} data-over={count.chunks > 1} title={t('fields.tokens', { count: count.tokens })}>
      {t('fields.tokenCount', { tokens: count.tokens, room })}
      {count.chunks > 1 && ` ${t('fields.chunks', { count: count.chunks })}`}
    </span>
  )
}

/** Tokens that a text encoder reads at once. */
const chunkTokens = 75
