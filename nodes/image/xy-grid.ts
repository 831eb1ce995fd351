import { grid } from '#core/plan/composites.ts'
import { gridFault } from '#core/plan/grid-size.ts'
import type { Axis } from '#core/workflow/node-type.ts'
import { defineNode } from '../kit/define-node.ts'
import { eachImage, image, inputName, text } from '../kit/ports.ts'

/** The values of an axis as typed, one a line or divided by commas; in quotes a value may hold commas. */
function valuesIn(typed: string): string[] {
  const found = typed.matchAll(/"([^"]*)"|([^,\n]+)/g)
  return [...found].flatMap(([, quoted, plain = '']) => quoted ?? (plain.trim() === '' ? [] : [plain.trim()]))
}

function axisOf(from: string, input = '', typed = ''): Axis[] {
  const values = valuesIn(typed)
  return input.trim() === '' || values.length === 0 ? [] : [{ from, input: input.trim(), values }]
}

/** The longest line of a label in characters. */
const longest = 40

const shortened = (text: string): string => (text.length > longest ? `${text.slice(0, longest - 1)}…` : text)

/** What stands at a row or a column: "Style LoRA: Model strength" above the value. */
const labelsOf = (axes: readonly Axis[], titleOf: (input: string) => string): string[] =>
  axes.flatMap(({ input, values }) =>
    values.map((value) => {
      const short = value.slice(value.lastIndexOf('/') + 1).replace(/\.safetensors$/, '')
      return `${shortened(titleOf(input))}\n${shortened(short)}`
    }),
  )

const description = (side: string) =>
  `The values ${side}, one on each line or divided by commas; a value that holds a comma stands in "quotes".`

export default defineNode({
  type: 'xy-grid',
  version: 1,
  category: 'image',
  title: 'X/Y Grid',
  description: 'Runs the same graph with two inputs varied, and shows all pictures in one, with labels.',
  docs: `
Name an input of any node before this one, such as \`sampler.seed\` or \`lora.modelStrength\`, or a name from the form.
Then list its values: X from left to right, Y from top to bottom. Without Y the grid is one row.

Everything that does not change is computed once. Cells run sorted by model, so each network is loaded once. To vary a
node inside a subgraph, use the inputs of the subgraph.
`,
  inputs: {
    image: eachImage({ description: 'The picture to compute for every cell.' }),
    x: inputName({ label: 'X input', description: 'The input that changes from left to right, as node.input.' }),
    xValues: text({ label: 'X values', multiline: 'list', description: description('from left to right') }),
    y: inputName({
      label: 'Y input',
      description: 'The input that changes from top to bottom, as node.input. It may be empty.',
    }),
    yValues: text({ label: 'Y values', multiline: 'list', description: description('from top to bottom') }),
  },
  outputs: { image: image({ description: 'All cells as one picture, with labels.' }) },
  infer: () => ({ image: { kind: 'image', width: 'unknown', height: 'unknown' } }),
  vary: ({ x, xValues, y, yValues }) => [...axisOf('x', x, xValues), ...axisOf('y', y, yValues)],
  lower: (plan, { image: cells, x, xValues, y, yValues }, types, titleOf) => {
    const fault = gridFault(cells.length, types.image)
    if (fault) throw fault
    const columns = labelsOf(axisOf('x', x, xValues), titleOf)
    const rows = labelsOf(axisOf('y', y, yValues), titleOf)
    // An axis without values leaves one unlabelled row or column.
    return {
      image: grid(plan, cells, { columns: columns.length > 0 ? columns : [''], rows: rows.length > 0 ? rows : [''] }),
    }
  },
})
