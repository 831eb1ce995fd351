import { describe, expect, it } from 'vitest'
import { factsOf } from '#core/types/facts.ts'
import { narrowed } from '#core/workflow/constant.ts'
import type { Constant, NodeType } from '#core/workflow/node-type.ts'
import { catalogue } from '../catalogue.ts'

const facts = factsOf(new Map())
const latent = (width: number, height: number) => ({ kind: 'latent', channels: 4, width, height }) as const

/** The node and the types of its inputs: links as given, constants narrowed to values. */
function inputsOf(type: string, links: Parameters<NodeType['infer']>[0], values: Readonly<Record<string, Constant>>) {
  const node = catalogue.get(type)
  if (!node) throw new Error(`There is no node ${type}.`)
  const constants = Object.entries(node.inputs).flatMap(([name, { type, default: value }]) => {
    const constant = values[name] ?? value
    return constant === undefined ? [] : [[name, narrowed(type, constant)]]
  })
  return { node, inputs: { ...Object.fromEntries(constants), ...links } }
}
function sizeOf(...args: Parameters<typeof inputsOf>) {
  const { node, inputs } = inputsOf(...args)
  const { latent } = node.infer(inputs, facts)
  return latent?.kind === 'latent' ? [latent.width, latent.height] : undefined
}
function faultOf(...args: Parameters<typeof inputsOf>) {
  const { node, inputs } = inputsOf(...args)
  return node.check?.(inputs, facts)
}

describe('the size that comes out', () => {
  const links = { latent: latent(512, 344) }

  it.each([
    ['scale-latent', { factor: 1.5 }, [768, 520]],
    ['scale-latent', { factor: 0.1, width: 1024 }, [48, 32]],
    ['scale-latent', { factor: 1.5, width: 1024, height: 8 }, [1024, 8]],
    ['crop-latent', { width: 64, height: 128 }, [64, 128]],
    ['turn-latent', { turn: 'flip-vertical' }, [512, 344]],
    ['turn-latent', { turn: 'rotate-270' }, [344, 512]],
    ['repeat-latent', {}, [512, 344]],
  ] as const)('%s %o', (type, values, expected) => {
    expect(sizeOf(type, links, values)).toEqual(expected)
  })

  it('is unknown where the edit is linked and not known before the run', () => {
    const turn = { kind: 'choice', options: ['flip-vertical', 'rotate-90'] } as const
    const factor = { kind: 'float', min: 0.1, max: 8 } as const
    expect(sizeOf('turn-latent', { ...links, turn }, {})).toEqual(['unknown', 'unknown'])
    expect(sizeOf('scale-latent', { ...links, factor }, {})).toEqual(['unknown', 'unknown'])
  })

  it('is that of the picture in whole cells for Inpaint', () => {
    const image = { kind: 'image', width: 517, height: 300 } as const
    const inferred = { vae: { kind: 'vae', family: 'sd1' }, image, mask: { kind: 'mask' } } as const
    expect(sizeOf('inpaint-latent', inferred, {})).toEqual([512, 296])
  })
})

describe('what is refused before the run', () => {
  it.each([
    ['crop-latent', { latent: latent(512, 512) }, { y: 8 }, { code: 'range', input: 'height' }],
    ['scale-latent', { latent: latent(2048, 64) }, { factor: 8 }, { code: 'limit', input: 'latent' }],
    ['batch-latents', { first: latent(64, 64), second: latent(64, 72) }, {}, { code: 'mismatch', input: 'second' }],
    ['blend-latents', { first: latent(64, 64), second: latent(72, 64) }, {}, { code: 'mismatch', input: 'second' }],
  ] as const)('%s', (type, links, values, expected) => {
    expect(faultOf(type, links, values)).toMatchObject(expected)
  })
})
