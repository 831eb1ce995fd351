import ELK from 'elkjs/lib/elk.bundled.js'
import { describe, expect, it } from 'vitest'
import type { WorkflowNode } from '#core/workflow/document.ts'
import { catalogue } from '#nodes/catalogue.ts'
import type { Graph } from '../../store/graph.ts'
import { elkGraph, placesOf } from './elk-graph.ts'

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
    negative: node('prompt', { clip: { link: ['checkpoint', 'clip'] } }, [950, 1200]),
    positive: node('prompt', { clip: { link: ['checkpoint', 'clip'] } }, [950, 950]),
    checkpoint: node('checkpoint', {}, [-40, 200]),
    ghost: node('from-the-future', { thing: { link: ['checkpoint', 'soul'] } }),
  },
  frames: [
    { title: 'Words', at: [900, 900], size: [600, 600] },
    { title: 'Empty', at: [5000, 0], size: [100, 100] },
  ],
  notes: [
    { text: 'Inside', at: [1200, 1000] },
    { text: 'Alone', at: [-500, 0] },
  ],
}

const sizes = new Map([...Object.keys(graph.nodes), 'note:0'].map((key) => [key, { width: 232, height: 120 }]))
const layout = async (nodes: Graph, only?: readonly string[]) => {
  const source = { graph: nodes, sizes, signature: (id: string) => catalogue.get(nodes.nodes[id]?.type ?? '') }
  return placesOf(await new ELK().layout(elkGraph(source, only)), source)
}
const plain: Graph = { nodes: graph.nodes }

describe('layout', () => {
  it('lays nodes out from left to right, none over another', async () => {
    const places = await layout(plain)
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
    const places = await layout(plain, ['negative', 'positive', 'sampler'])
    expect(places.get('positive')?.at[1]).toBeLessThan(places.get('negative')?.at[1] ?? 0)
  })

  it('leaves the upper left corner where it was, and all others alone', async () => {
    const places = await layout(plain, ['save', 'decode'])
    expect([...places.keys()].sort()).toEqual(['decode', 'save'])
    expect(Math.min(...[...places.values()].map(({ at }) => at[0]))).toBe(0)
    expect(Math.min(...[...places.values()].map(({ at }) => at[1]))).toBe(0)
  })

  it('draws frames around what lies in them, and leaves notes without one where they are', async () => {
    const places = await layout(graph)
    const frame = places.get('frame:0')
    const [left = 0, top = 0] = frame?.at ?? []
    const [width = 0, height = 0] = frame?.size ?? []
    for (const key of ['positive', 'negative', 'note:0']) {
      const [x = 0, y = 0] = places.get(key)?.at ?? []
      expect(x >= left + 16 && y >= top + 48, key).toBe(true)
      expect(x + 232 <= left + width && y + 120 <= top + height, key).toBe(true)
    }
    expect(places.get('sampler')).not.toHaveProperty('size')
    expect([...places.keys()].filter((key) => key.includes(':')).sort()).toEqual(['frame:0', 'note:0'])
  })

  it('takes along what lies in a selected frame', async () => {
    expect([...(await layout(graph, ['frame:0'])).keys()].sort()).toEqual(['frame:0', 'negative', 'note:0', 'positive'])
    expect([...(await layout(graph, ['positive'])).keys()]).toEqual(['positive'])
  })
})
