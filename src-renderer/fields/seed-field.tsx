import { ArrowDown, ArrowUp, Dices, Lock, type LucideIcon, Shuffle } from 'lucide-react'
import type { KeyboardEvent } from 'react'
import { own } from '#core/workflow/document.ts'
import type { Json } from '#core/workflow/json.ts'
import { setAfter } from '../commands/nodes.ts'
import { placeOf, randomSeed, type SeedControl, seedToRun, stepSeed } from '../commands/seeds.ts'
import { commitTo, useDocument, useRun, useTab } from '../store/context.ts'
import { nodeAt } from '../store/graph.ts'
import { t } from '../strings/t.ts'
import { ariaOf, type ControlProps, type FieldState, type InputAddress } from './control.ts'
import { FieldBox } from './field-box.tsx'
import styles from './fields.module.css'
import { readSeed } from './typed-number.ts'
import { useTyping } from './use-typing.ts'

const keySteps: Readonly<Record<string, 1n | -1n>> = { ArrowUp: 1n, ArrowDown: -1n }

/** Digits of a seed that stay in view beside the next one: those of 32 bits. */
const shownDigits = 10

/** Digits of the next seed that a node has room for beside them. */
const endDigits = 3

/** The next seed, or its end where a node has no room for both. */
function nextText({ place, value }: FieldState, next: string): string {
  const room = shownDigits + endDigits - String(value).length
  if (place === 'panel' || next.length <= room) return t('fields.next.seed', { seed: next })
  return t('fields.next.end', { digits: next.slice(-endDigits) })
}

/** The value as a seed; 0 if it is invalid. */
const seedOf = (value: Json): bigint => (/^\d{1,40}$/.test(String(value)) ? BigInt(String(value)) : 0n)

/** The field of a seed: that of the picture on the node, the one that comes next, and a button for a random one. */
export function SeedField({ field }: ControlProps<'seed'>) {
  const next = useNext(field.address)
  const typing = useTyping(field, readSeed)
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const step = keySteps[event.key]
    if (!step) return typing.handlers.onKeyDown(event)
    event.preventDefault()
    field.change(String(stepSeed(seedOf(field.value), step)))
  }
  return (
    <FieldBox field={field}>
      <input
        {...ariaOf(field)}
        {...typing.handlers}
        className={styles.value}
        type="text"
        inputMode="numeric"
        autoComplete="off"
        spellCheck={false}
        style={{ minWidth: `calc(${Math.min(typing.text.length, shownDigits)}ch + 14px)` }}
        value={typing.text}
        onKeyDown={onKeyDown}
      />
      <button
        type="button"
        className={styles.button}
        aria-label={t('fields.newSeed', { label: field.label })}
        title={t('fields.newSeed', { label: field.label })}
        onClick={() => {
          field.change(String(randomSeed()))
          field.end()
        }}
      >
        <Dices size={14} aria-hidden />
      </button>
      {next !== undefined && next !== String(field.value) && (
        <output
          className={styles.next}
          aria-live="off"
          aria-label={t('fields.next.name', { label: field.label })}
          title={t('fields.next.hint', { seed: next })}
        >
          {nextText(field, next)}
        </output>
      )}
      <AfterRun address={field.address} label={field.label} />
    </FieldBox>
  )
}

/** The seed that the next run draws with. */
function useNext({ level, node, input }: InputAddress): string | undefined {
  const sent = useRun((state) => state.sent)
  const drawn = useRun((state) => state.drawn)
  return useDocument(({ workflow }) => seedToRun(workflow, placeOf(level, node, input), { sent, drawn }))
}

const icons: Readonly<Record<SeedControl, LucideIcon>> = {
  fixed: Lock,
  random: Shuffle,
  increment: ArrowUp,
  decrement: ArrowDown,
}

/** The change of the seed after each run: a select that looks like a button. */
function AfterRun({ address: { level, node, input }, label }: { address: InputAddress; label: string }) {
  const tab = useTab()
  const control = useDocument(({ workflow }) => own(nodeAt(workflow, level, node)?.after ?? {}, input) ?? 'fixed')
  const Icon = icons[control]
  return (
    <span className={styles.after} title={t('fields.after.label', { label, control: t(`fields.after.${control}`) })}>
      <Icon size={14} aria-hidden />
      <select
        aria-label={t('fields.after.name', { label })}
        value={control}
        onChange={({ target }) => {
          const chosen = Object.keys(icons).find((known): known is SeedControl => known === target.value)
          if (chosen) commitTo(tab, setAfter(tab.document.getState().workflow, level, node, input, chosen))
        }}
      >
        {Object.keys(icons).map((option) => (
          <option key={option} value={option}>
            {t(`fields.after.${option as SeedControl}`)}
          </option>
        ))}
      </select>
    </span>
  )
}
