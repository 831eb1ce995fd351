import { describe, expect, it } from 'vitest'
import type { WorkflowNode } from '#core/workflow/document.ts'
import { catalogue } from '#nodes/catalogue.ts'
import { headerHeight, layoutNode, problemHeight, resultHeights, type Shown } from './geometry.ts'

const plain: Shown = { more: false, result: undefined, problem: false, outputs: new Set() }
const node = (type: string, inputs: WorkflowNode['inputs'] = {}): WorkflowNode => ({
  type,
  version: 1,
  at: [0, 0],
  inputs,
})
const portsOf = ({ rows }: ReturnType<typeof layoutNode>) => ({
  inputs: rows.flatMap(({ input }) => input?.name ?? []),
  outputs: rows.flatMap(({ output }) => output?.name ?? []),
})

describe('layoutNode', () => {
  it('gives every input and output of every node its port once all is shown', () => {
    for (const [name, type] of catalogue) {
      const layout = layoutNode(node(name), type, { ...plain, more: true })
      const { inputs, outputs } = portsOf(layout)
      expect(inputs.toSorted()).toEqual(Object.keys(type.inputs).toSorted())
      expect(outputs).toEqual(Object.keys(type.outputs))
      for (const { y, height, input, output } of layout.rows) {
        expect(y).toBeGreaterThanOrEqual(headerHeight)
        expect(y + height).toBeLessThanOrEqual(layout.height)
        for (const spot of [input, output]) if (spot) expect(spot.y).toBeGreaterThan(y)
      }
      const ends = layout.rows.map(({ y, height }) => y + height)
      expect(layout.rows.slice(1).map(({ y }) => y)).toEqual(ends.slice(0, -1))
    }
  })

  it('hides advanced inputs, but for those that are fed', () => {
    const type = catalogue.get('checkpoint')
    expect(portsOf(layoutNode(node('checkpoint'), type, plain)).inputs).toEqual(['file'])
    const fed = layoutNode(node('checkpoint', { clipSkip: { link: ['a', 'b'] } }), type, plain)
    expect(portsOf(fed).inputs).toEqual(['file', 'clipSkip'])
    expect(fed.more?.hidden).toBe(true)
  })

  it('keeps ports where they are when results and problems come', () => {
    const type = catalogue.get('sampler')
    const calm = layoutNode(node('sampler'), type, plain)
    const busy = layoutNode(node('sampler'), type, { ...plain, result: 'picture', problem: true })
    expect(busy.rows).toEqual(calm.rows)
    expect(busy.height).toBe(calm.height + resultHeights.picture + problemHeight)
  })

  it('shows what a node of an unknown type holds and what is linked from it', () => {
    const layout = layoutNode(node('alien', { factor: 2, image: { link: ['a', 'b'] } }), undefined, {
      ...plain,
      outputs: new Set(['picture']),
    })
    expect(portsOf(layout)).toEqual({ inputs: ['factor', 'image'], outputs: ['picture'] })
    expect(layout.rows.every(({ field }) => !field)).toBe(true)
  })

  it('leads all links of a collapsed node to its title', () => {
    const type = catalogue.get('sampler')
    const layout = layoutNode({ ...node('sampler'), collapsed: true }, type, plain)
    expect(layout.height).toBe(headerHeight)
    for (const { input, output } of layout.rows) expect((input ?? output)?.y).toBe(headerHeight / 2)
  })
})
