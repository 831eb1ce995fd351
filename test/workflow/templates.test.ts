import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { WorkflowNode } from '#core/workflow/document.ts'
import { migrateNode } from '#core/workflow/migrate.ts'
import type { NodeType } from '#core/workflow/node-type.ts'
import { parseWorkflow } from '#core/workflow/parse.ts'
import { printWorkflow } from '#core/workflow/print.ts'
import { validate } from '#core/workflow/validate.ts'
import { catalogue } from '#nodes/catalogue.ts'
import { layoutNode, nodeWidth, type Shown } from '#renderer/canvas/view/geometry.ts'
import { node, planOf, template, templateText, typed } from './documents.ts'

const names = readdirSync(new URL('../../resources/templates', import.meta.url)).flatMap((file) =>
  file.endsWith('.loom.json') ? [file.replace('.loom.json', '')] : [],
)

const index: readonly { templates: readonly { id: string }[] }[] = JSON.parse(
  readFileSync(new URL('../../resources/templates/index.json', import.meta.url), 'utf8'),
)

/** Space between nodes, in units of the canvas. */
const gap = 16

const titleOf = ({ title, type }: WorkflowNode) => title ?? catalogue.get(type)?.title

describe('the templates', () => {
  it('are all in the index, once', () => {
    const ids = index.flatMap(({ templates }) => templates.map(({ id }) => id))
    expect(ids.toSorted()).toEqual(names.toSorted())
  })

  it('use every node', () => {
    const used = new Set(names.flatMap((name) => Object.values(template(name).nodes).map(({ type }) => type)))
    expect([...catalogue.keys()].filter((type) => !used.has(type))).toEqual([])
  })
})

describe.each(names)('template %s', (name) => {
  const workflow = template(name)

  it('is printed as it stands in the file', () => {
    expect(printWorkflow(parseWorkflow(templateText(name)))).toBe(templateText(name))
  })

  it('is valid and lowers to one file for each node that saves', () => {
    expect(validate(typed(workflow))).toEqual([])
    const saves = Object.values(workflow.nodes).filter(({ type }) => catalogue.get(type)?.effect)
    expect(planOf(workflow)).toHaveLength(saves.length)
  })

  it('has current nodes, each with a title of its own', () => {
    const nodes = Object.values(workflow.nodes)
    expect(nodes.filter(({ type, version }) => catalogue.get(type)?.version !== version)).toEqual([])
    expect(new Set(nodes.map(titleOf)).size).toBe(nodes.length)
  })

  it('has a form of which every field can be set, and nodes that do not cover each other', () => {
    for (const { input } of workflow.form ?? []) {
      const [id, port] = input
      expect(catalogue.get(workflow.nodes[id]?.type ?? '')?.inputs).toHaveProperty(port)
    }
    const boxes = Object.values(workflow.nodes).map((node) => {
      const effect = node.type === 'save-image' ? 'picture' : 'file'
      const shown: Shown = {
        more: false,
        result: catalogue.get(node.type)?.effect && effect,
        // that there is no such file, until a person has put it there
        problem: Object.values(node.inputs).some((value) => /^(?!emoji-tiny).*\.safetensors$/.test(String(value))),
        outputs: new Set(),
      }
      return { at: node.at, height: layoutNode(node, catalogue.get(node.type), shown).height }
    })
    const covered = boxes.flatMap(({ at: [x, y], height }, number) =>
      boxes.slice(number + 1).filter(({ at: [a, b], height: other }) => {
        const beside = Math.abs(a - x) >= nodeWidth + gap
        return !beside && b < y + height + gap && y < b + other + gap
      }),
    )
    expect(covered).toEqual([])
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
