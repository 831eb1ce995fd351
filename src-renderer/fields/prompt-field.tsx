import { type KeyboardEvent, memo, useRef } from 'react'
import { flushSync } from 'react-dom'
import { useStore } from 'zustand'
import { settings } from '../store/settings.ts'
import { t } from '../strings/t.ts'
import { ariaOf, type ControlProps } from './control.ts'
import { FieldBox } from './field-box.tsx'
import styles from './fields.module.css'
import { markPrompt } from './prompt-marks.ts'
import { shiftWeight } from './prompt-weight.ts'
import { textRows } from './sizes.ts'
import { useTokenCount } from './use-token-count.ts'

const directions: Readonly<Record<string, 1 | -1>> = { ArrowUp: 1, ArrowDown: -1 }

/** The field of a prompt, with coloured weights and a token count. */
export function PromptField({ field }: ControlProps<'text'>) {
  const text = String(field.value)
  const backdrop = useRef<HTMLPreElement>(null)
  const spelling = useStore(settings, (state) => state.spelling)

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    const direction = event.ctrlKey || event.metaKey ? directions[event.key] : undefined
    if (!direction) return
    event.preventDefault()
    const { currentTarget: area } = event
    const next = shiftWeight({ text, start: area.selectionStart, end: area.selectionEnd }, direction)
    // render the new text first, because the selection refers to it
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
          spellCheck={spelling}
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

/** The text coloured by weights, behind the editable text. */
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

/** "12 / 75": the tokens of the text and the capacity of its chunks. */
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

/** Tokens per chunk of a text encoder. */
const chunkTokens = 75
