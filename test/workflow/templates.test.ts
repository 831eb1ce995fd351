import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { WorkflowNode } from '#core/workflow/document.ts'
import { migrateNode } from '#core/workflow/migrate.ts'
import type { NodeType } from '#core/workflow/node-type.ts'
import { parseWorkflow } from '#core/workflow/parse.ts'
import { printWorkflow } from '#core/workflow/print.ts'
import { validate } from '#core/workflow/validate.ts'
import { catalogue } from '#nodes/catalogue.ts'
import { node, nothingKnown, planOf, template, templateText } from './documents.ts'

const names = readdirSync(new URL('../../resources/templates', import.meta.url)).flatMap((file) =>
  file.endsWith('.loom.json') ? [file.replace('.loom.json', '')] : [],
)

/** Nodes on the canvas are this large at most, gaps included, in its units. */
const [column, row] = [300, 320]

describe.each(names)('template %s', (name) => {
  const workflow = template(name)

  it('is printed as it stands in the file', () => {
    expect(printWorkflow(parseWorkflow(templateText(name)))).toBe(templateText(name))
  })

  it('is valid and lowers to one saved picture for each node that saves', () => {
    expect(validate(workflow, catalogue, nothingKnown)).toEqual([])
    const saves = Object.values(workflow.nodes).filter(({ type }) => type === 'save-image')
    expect(planOf(workflow)).toHaveLength(saves.length)
  })

  it('has a form of which every field can be set, and nodes that do not cover each other', () => {
    for (const { input } of workflow.form ?? []) {
      const [id, port] = input
      expect(catalogue.get(workflow.nodes[id]?.type ?? '')?.inputs).toHaveProperty(port)
    }
    const places = Object.values(workflow.nodes).map(({ at }) => at)
    for (const [index, [x, y]] of places.entries()) {
      const near = places.slice(index + 1).filter(([a, b]) => Math.abs(a - x) < column && Math.abs(b - y) < row)
      expect(near).toEqual([])
    }
  })
})

describe('migrateNode', () => {
  const renamed: NodeType = {
    type: 'blur',
    version: 3,
    category: 'image',
    title: 'Blur',
    description: 'Blurs.',
    inputs: {},
    outputs: {},
    infer: () => ({}),
    lower: () => ({}),
    migrate: {
      2: ({ sigma, ...rest }) => ({ ...rest, radius: sigma ?? 1 }),
      3: ({ radius, ...rest }) => ({ ...rest, radius: Number(radius) * 2 }),
    },
  }

  it('goes through every version, keeps what it does not know, and leaves newer nodes alone', () => {
    const old: WorkflowNode = { ...node('blur', { sigma: 4, other: 'x' }), title: 'Soft' }
    expect(migrateNode(old, renamed)).toEqual({ ...old, version: 3, inputs: { other: 'x', radius: 8 } })
    expect(migrateNode({ ...old, version: 2, inputs: { radius: 5 } }, renamed).inputs).toEqual({ radius: 10 })
    const newer = { ...old, version: 4 }
    expect(migrateNode(newer, renamed)).toBe(newer)
  })
})
