import { ArrowDown, ArrowUp, Dices, Lock, type LucideIcon, Shuffle } from 'lucide-react'
import type { KeyboardEvent } from 'react'
import { own } from '#core/workflow/document.ts'
import type { Json } from '#core/workflow/json.ts'
import { setAfter } from '../commands/nodes.ts'
import { nextSeed, type SeedControl } from '../commands/seeds.ts'
import { commitTo, useDocument, useTab } from '../store/context.ts'
import { nodeAt } from '../store/graph.ts'
import { t } from '../strings/t.ts'
import { ariaOf, type ControlProps, type InputAddress } from './control.ts'
import { FieldBox } from './field-box.tsx'
import styles from './fields.module.css'
import { readSeed } from './typed-number.ts'
import { useTyping } from './use-typing.ts'

const keySteps: Readonly<Record<string, SeedControl>> = { ArrowUp: 'increment', ArrowDown: 'decrement' }

/** The value as a seed; 0 if it is invalid. */
const seedOf = (value: Json): bigint => (/^\d{1,40}$/.test(String(value)) ? BigInt(String(value)) : 0n)

/** The field of a seed, with a button for a random one and its change after each run. */
export function SeedField({ field }: ControlProps<'seed'>) {
  const typing = useTyping(field, readSeed)
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const control = keySteps[event.key]
    if (!control) return typing.handlers.onKeyDown(event)
    event.preventDefault()
    field.change(String(nextSeed[control](seedOf(field.value))))
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
        value={typing.text}
        onKeyDown={onKeyDown}
      />
      <button
        type="button"
        className={styles.button}
        aria-label={t('fields.newSeed', { label: field.label })}
        title={t('fields.newSeed', { label: field.label })}
        onClick={() => {
          field.change(String(nextSeed.random(0n)))
          field.end()
        }}
      >
        <Dices size={14} aria-hidden />
      </button>
      <AfterRun address={field.address} label={field.label} />
    </FieldBox>
  )
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
