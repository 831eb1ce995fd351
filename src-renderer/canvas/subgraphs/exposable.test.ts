import { expect, it } from 'vitest'
import type { Workflow } from '#core/workflow/document.ts'
import { exposable, instancePorts } from './exposable.ts'

const workflow: Workflow = {
  format: 'latent-loom',
  version: 1,
  nodes: {},
  subgraphs: {
    draw: {
      inputs: { model: {}, size: { label: 'Width' } },
      outputs: { picture: { label: 'Picture', link: ['decode', 'image'] } },
      nodes: {
        decode: { type: 'vae-decode', version: 1, at: [0, 0], inputs: { latent: { link: ['empty', 'latent'] } } },
        empty: {
          type: 'empty-latent',
          version: 1,
          at: [0, 0],
          title: 'Size',
          inputs: { width: { input: 'size' }, height: 128 },
        },
      },
    },
  },
}

it('lists what instances take and give, with the kinds from inside', () => {
  expect(instancePorts(workflow, 'draw', 'inputs')).toEqual([
    { name: 'model', label: 'model', kind: 'unknown' },
    { name: 'size', label: 'Width', kind: 'int' },
  ])
  expect(instancePorts(workflow, 'draw', 'outputs')).toEqual([{ name: 'picture', label: 'Picture', kind: 'image' }])
})

it('offers inputs that nothing is linked to, and outputs that are not given yet', () => {
  const labels = exposable(workflow, 'draw', 'inputs').map(({ label }) => label)
  expect(labels).toEqual(expect.arrayContaining(['VAE Decode: VAE', 'Size: Height']))
  expect(labels).not.toContain('VAE Decode: Latent')
  expect(labels).not.toContain('Size: Width')
  expect(exposable(workflow, 'draw', 'outputs')).toEqual([{ node: 'empty', port: 'latent', label: 'Size: Latent' }])
  expect(exposable(workflow, 'gone', 'inputs')).toEqual([])
})
