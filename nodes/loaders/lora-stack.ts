import { type Facts, factOf } from '#core/types/facts.ts'
import type { TypeOf } from '#core/types/types.ts'
import { defineNode } from '../kit/define-node.ts'
import { adviseOnAdapter, distillation, distilledBy, withAdapter } from '../kit/distilled.ts'
import { nothing, otherFamily } from '../kit/family.ts'
import { clip, float, model, optionalFile } from '../kit/ports.ts'

const rows = [1, 2, 3, 4, 5, 6] as const
type Row = (typeof rows)[number]

/** Rows that are shown before more are asked for. */
const usualRows = 3

const range = { default: 1, min: -100, max: 100, step: 0.05 }

function fileOf(row: Row) {
  return optionalFile({
    kind: 'lora',
    accept: ['.safetensors'],
    label: `LoRA ${row}`,
    advanced: row > usualRows,
    description: 'A LoRA file, by its name in one of the model folders. Without a file the row does nothing.',
  })
}

function strengthOf(row: Row) {
  return float({
    ...range,
    label: `Strength ${row}`,
    advanced: row > usualRows,
    description: `How much of LoRA ${row} the model gets, -100 to 100: 0 none, 1 as it was trained, below 0 the opposite.`,
  })
}

function clipStrengthOf(row: Row) {
  return float({
    ...range,
    label: `CLIP strength ${row}`,
    advanced: true,
    description: `How much of LoRA ${row} the text encoder gets, -100 to 100. It does nothing if no text encoder is linked.`,
  })
}

function distillationOf(row: Row) {
  return { ...distillation, about: `file${row}`, label: `Distillation ${row}` }
}

interface RowInputs {
  file: ReturnType<typeof fileOf>
  strength: ReturnType<typeof strengthOf>
  clipStrength: ReturnType<typeof clipStrengthOf>
  distillation: ReturnType<typeof distillationOf>
}
type RowName<N> = N extends `${infer Name extends keyof RowInputs}${Row}` ? Name : never

/** The inputs of all rows, a row's together: `file1`, `strength1`, `clipStrength1`, `distillation1`, `file2`, ... */
const rowInputs = Object.fromEntries(
  rows.flatMap((row) => [
    [`file${row}`, fileOf(row)],
    [`strength${row}`, strengthOf(row)],
    [`clipStrength${row}`, clipStrengthOf(row)],
    [`distillation${row}`, distillationOf(row)],
  ]),
) as { readonly [N in `${keyof RowInputs}${Row}`]: RowInputs[RowName<N>] }

type FileTypes = { readonly [N in `file${Row}`]: TypeOf<'file'> | undefined }

function familiesOf(inputs: FileTypes, facts: Facts) {
  const names = rows.map((row) => `file${row}` as const)
  return Object.fromEntries(names.map((name) => [name, factOf(facts, 'lora', inputs[name]?.name ?? '')]))
}

export default defineNode({
  type: 'lora-stack',
  version: 1,
  category: 'loaders',
  title: 'LoRA Stack',
  description: 'Adds several LoRAs to a model in one node.',
  docs: `
This is the same as several LoRA nodes in a row. Their order does not matter. A row without a file, or with strength 0,
does nothing.

A style LoRA at 0.6 to 0.8 beside an LCM-LoRA at 1 gives that style in 4 steps. Strengths add up: if pictures become
harsh, lower all of them together. Rows 4 to 6 and separate text encoder strengths are advanced inputs.
`,
  inputs: {
    model: model({ description: 'The model to change.' }),
    clip: clip({ optional: true, description: 'The text encoder, if one of the LoRAs changes it too.' }),
    ...rowInputs,
  },
  outputs: {
    model: model({ description: 'The changed model.' }),
    clip: clip({ optional: true, description: 'The changed text encoder.' }),
  },
  infer: ({ model, clip, ...inputs }, facts) => ({
    model: rows.reduce((stacked, row) => {
      const fact = factOf(facts, 'lora', inputs[`file${row}`]?.name ?? '')
      const distilled = distilledBy(fact?.distillation, inputs[`distillation${row}`])
      return withAdapter(stacked, distilled, inputs[`strength${row}`])
    }, model),
    clip: clip ?? nothing('no text encoder is linked into the LoRA Stack node'),
  }),
  check: ({ model, clip, ...inputs }, facts) => otherFamily(model, { ...familiesOf(inputs, facts), clip }),
  advise: ({ clip, ...inputs }, facts) =>
    rows.flatMap((row) => {
      const name = inputs[`file${row}`]?.name ?? ''
      const chosen = { clip, distillation: inputs[`distillation${row}`] }
      return adviseOnAdapter(name, factOf(facts, 'lora', name), chosen, `distillation${row}`)
    }),
  lower: (plan, { model, clip, ...inputs }) => {
    let changed = { model, clip }
    for (const row of rows) {
      const file = inputs[`file${row}`]
      if (file === undefined) continue
      changed = {
        model: plan.step('apply-lora', { target: changed.model }, { file, strength: inputs[`strength${row}`] }),
        clip:
          changed.clip &&
          plan.step('apply-lora', { target: changed.clip }, { file, strength: inputs[`clipStrength${row}`] }),
      }
    }
    return changed
  },
})
