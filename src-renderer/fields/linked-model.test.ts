import { expect, it } from 'vitest'
import type { Type } from '#core/types/types.ts'
import type { InputValue, WorkflowNode } from '#core/workflow/document.ts'
import { modelAround } from './linked-model.ts'

const node = (inputs: Record<string, InputValue>): WorkflowNode => ({ type: 'any', version: 1, at: [0, 0], inputs })
const from = (id: string, output: string): InputValue => ({ link: [id, output] })

const graph = {
  nodes: {
    unet: node({ file: 'xl.safetensors' }),
    encoder: node({}),
    vae: node({}),
    prompt: node({ clip: from('encoder', 'clip') }),
    sampler: node({ model: from('unet', 'model'), positive: from('prompt', 'conditioning') }),
    decode: node({ vae: from('vae', 'vae'), latent: from('sampler', 'latent') }),
    save: node({ image: from('decode', 'image') }),
    again: node({ image: from('decode', 'image'), vae: from('loose', 'vae') }),
    loose: node({}),
  },
}

const types: Readonly<Record<string, Type>> = {
  'unet.model': { kind: 'model', family: 'sdxl', variant: 'ssd-1b' },
  'encoder.clip': { kind: 'clip', family: 'unknown' },
  'vae.vae': { kind: 'vae', family: 'unknown' },
  'loose.vae': { kind: 'vae', family: 'unknown' },
  'prompt.conditioning': { kind: 'conditioning', family: 'unknown' },
  'sampler.latent': { kind: 'latent', channels: 4, width: 512, height: 512, family: 'sdxl' },
  'decode.image': { kind: 'image', width: 512, height: 512 },
}

const around = (id: string) => modelAround(graph, id, ([source, output]) => types[`${source}.${output}`])

it('finds the model that is linked to a node', () => {
  expect(around('sampler')).toMatchObject({ family: 'sdxl', variant: 'ssd-1b' })
})

it('finds the model that the node gives something for, through others', () => {
  expect(around('encoder')).toMatchObject({ family: 'sdxl', variant: 'ssd-1b' })
  expect(around('vae')).toEqual({ family: 'sdxl' })
})

it('knows of none behind a picture', () => {
  expect(around('loose')).toEqual({ family: 'unknown' })
  expect(around('save')).toEqual({ family: 'unknown' })
})
