import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { WorkflowNode } from '#core/workflow/document.ts'
import { migrateNode } from '#core/workflow/migrate.ts'
import type { NodeType } from '#core/workflow/node-type.ts'
import { applyOverrides } from '#core/workflow/overrides.ts'
import { parseWorkflow } from '#core/workflow/parse.ts'
import { printWorkflow } from '#core/workflow/print.ts'
import { validate } from '#core/workflow/validate.ts'
import { catalogue } from '#nodes/catalogue.ts'
import { node, nothingKnown, planOf, template, templateText } from './documents.ts'

const names = readdirSync(new URL('../../resources/templates', import.meta.url)).map((file) =>
  file.replace('.loom.json', ''),
)

/** What a template leaves to the artist. */
const left: Readonly<Record<string, { name: string; value: string }[]>> = {
  'image-to-image': [{ name: 'picture', value: 'fox.png' }],
}

describe.each(names)('template %s', (name) => {
  const workflow = applyOverrides(template(name), catalogue, left[name] ?? [])

  it('is printed as it stands in the file', () => {
    expect(printWorkflow(parseWorkflow(templateText(name)))).toBe(templateText(name))
  })

  it('is valid and lowers to one saved picture', () => {
    expect(validate(workflow, catalogue, nothingKnown)).toEqual([])
    expect(planOf(workflow)).toHaveLength(1)
  })

  it('has a form of which every field can be set, and nodes that do not cover each other', () => {
    for (const { input } of workflow.form ?? []) {
      const [id, port] = input
      expect(catalogue.get(workflow.nodes[id]?.type ?? '')?.inputs).toHaveProperty(port)
    }
    const places = Object.values(workflow.nodes).map(({ at }) => at.join())
    expect(new Set(places).size).toBe(places.length)
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
