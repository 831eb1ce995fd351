import { describe, expect, it } from 'vitest'
import { stressDocument } from '#test/stress/stress-document.ts'
import { createDocumentStore } from '../../store/document-store.ts'
import { createInferenceStore } from '../../store/inference.ts'
import { createRunStore } from '../../store/run-store.ts'
import type { PortRef } from '../../store/ui.ts'
import { createViewStore } from '../../store/view-store.ts'
import type { Tab } from '../../store/workspace.ts'
import { candidatesFor, explainPorts, nameOfPort, portKey } from './connection-fit.ts'

const tab: Tab = {
  id: 'tab',
  document: createDocumentStore(stressDocument(32)),
  view: createViewStore(),
  run: createRunStore(),
  inference: createInferenceStore(),
}
const output = (node: string, port: string): PortRef => ({ node, port, side: 'output' })
const input = (node: string, port: string): PortRef => ({ node, port, side: 'input' })

const fitting = (from: PortRef): string[] =>
  candidatesFor(tab, from)
    .filter(({ fits }) => fits)
    .map(({ port }) => portKey(port))

describe('candidatesFor', () => {
  it('offers an output the inputs of its kind, but none that would close a circle', () => {
    const fits = fitting(output('lora-2', 'model'))
    expect(fits).toContain(portKey(input('sampler-7', 'model')))
    expect(fits).toContain(portKey(input('lora-17', 'model')))
    expect(fits).not.toContain(portKey(input('lora-1', 'model')))
    expect(fits).not.toContain(portKey(input('lora-2', 'model')))
    expect(fits).not.toContain(portKey(input('sampler-7', 'positive')))
  })

  it('offers an input the outputs that fit it', () => {
    const fits = fitting(input('sampler-7', 'positive'))
    expect(fits).toContain(portKey(output('prompt-3', 'conditioning')))
    expect(fits.every((key) => key.includes('prompt-'))).toBe(true)
  })

  it('says the same as the explanation of each pair', () => {
    for (const from of [output('checkpoint-0', 'vae'), output('vae-decode-8', 'image'), input('prompt-4', 'clip')]) {
      for (const { port, fits } of candidatesFor(tab, from)) expect(explainPorts(tab, from, port).fits).toBe(fits)
    }
  })
})

describe('explainPorts', () => {
  it('names both ends and the way out', () => {
    const said = explainPorts(tab, output('vae-decode-8', 'image'), input('sampler-13', 'latent'))
    expect(said.long).toBe('Latent of Sampler needs a latent, but Image of VAE Decode gives an image.')
    expect(said.fix).toBe('Put a VAE Encode node between them.')
  })

  it('explains a circle', () => {
    const said = explainPorts(tab, output('lora-2', 'model'), input('lora-1', 'model'))
    expect(said).toMatchObject({ fits: false, short: 'Would run in a circle' })
  })
})

it('names ports as screen readers say them', () => {
  expect(nameOfPort(tab, output('checkpoint-0', 'clip'))).toBe('CLIP of Checkpoint')
})
