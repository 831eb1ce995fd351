import ELK from 'elkjs/lib/elk.bundled.js'
import { describe, expect, it } from 'vitest'
import type { WorkflowNode } from '#core/workflow/document.ts'
import { catalogue } from '#nodes/catalogue.ts'
import type { Graph } from '../../store/graph.ts'
import { elkGraph, type LayoutShapes, placesOf } from './elk-graph.ts'

const node = (type: string, inputs: WorkflowNode['inputs'], at: [number, number] = [0, 0]): WorkflowNode => ({
  type,
  version: 1,
  at,
  inputs,
})

const graph: Graph = {
  nodes: {
    save: node('save-image', { image: { link: ['decode', 'image'] } }, [100, 50]),
    decode: node('vae-decode', { latent: { link: ['sampler', 'latent'] }, vae: { link: ['checkpoint', 'vae'] } }),
    sampler: node('sampler', {
      model: { link: ['checkpoint', 'model'] },
      positive: { link: ['positive', 'conditioning'] },
      negative: { link: ['negative', 'conditioning'] },
      latent: { link: ['gone', 'latent'] },
      scheduler: { link: ['sampler', 'latent'] },
    }),
    negative: node('prompt', { clip: { link: ['checkpoint', 'clip'] } }),
    positive: node('prompt', { clip: { link: ['checkpoint', 'clip'] } }),
    checkpoint: node('checkpoint', {}, [-40, 200]),
    ghost: node('from-the-future', { thing: { link: ['checkpoint', 'soul'] } }),
  },
  frames: [{ title: 'Words', at: [0, 0], size: [10, 10] }],
  notes: [{ text: 'Hello', at: [0, 0] }],
}

const shapes: LayoutShapes = {
  box: (key) => ({ at: graph.nodes[key]?.at ?? [0, 0], size: [232, 120] }),
  signature: (id) => catalogue.get(graph.nodes[id]?.type ?? ''),
  frameOf: (key) => (['positive', 'negative', 'note:0'].includes(key) ? 'frame:0' : undefined),
}

const keys = [...Object.keys(graph.nodes), 'frame:0', 'note:0']
const layout = async (of: readonly string[]) => placesOf(await new ELK().layout(elkGraph(graph, shapes, of)), shapes)

describe('layout', () => {
  it('lays nodes out from left to right, none over another', async () => {
    const places = await layout(Object.keys(graph.nodes))
    const left = (key: string) => places.get(key)?.at[0] ?? Number.NaN
    for (const [from, to] of [
      ['checkpoint', 'positive'],
      ['positive', 'sampler'],
      ['sampler', 'decode'],
      ['decode', 'save'],
      ['checkpoint', 'ghost'],
    ] as const) {
      expect(left(from) + 232, `${from} -> ${to}`).toBeLessThan(left(to))
    }
    const boxes = [...places.values()].map(({ at }) => at)
    for (const [index, [x, y]] of boxes.entries()) {
      for (const [otherX, otherY] of boxes.slice(index + 1)) {
        expect(Math.abs(x - otherX) >= 232 || Math.abs(y - otherY) >= 120).toBe(true)
      }
    }
  })

  it('keeps the order of the ports: what is linked to the upper input lies above', async () => {
    const places = await layout(['negative', 'positive', 'sampler'])
    expect(places.get('positive')?.at[1]).toBeLessThan(places.get('negative')?.at[1] ?? 0)
  })

  it('leaves the upper left corner where it was, and all others alone', async () => {
    const places = await layout(['save', 'decode'])
    expect([...places.keys()].sort()).toEqual(['decode', 'save'])
    expect(Math.min(...[...places.values()].map(({ at }) => at[0]))).toBe(0)
    expect(Math.min(...[...places.values()].map(({ at }) => at[1]))).toBe(0)
  })

  it('draws frames around what lies in them', async () => {
    const places = await layout(keys)
    const frame = places.get('frame:0')
    for (const key of ['positive', 'negative', 'note:0']) {
      const [x = 0, y = 0] = places.get(key)?.at ?? []
      const [left = 0, top = 0] = frame?.at ?? []
      const [width = 0, height = 0] = frame?.size ?? []
      expect(x >= left + 16 && y >= top + 48, key).toBe(true)
      expect(x + 232 <= left + width && y + 120 <= top + height, key).toBe(true)
    }
    expect(places.get('sampler')).not.toHaveProperty('size')
  })
})
