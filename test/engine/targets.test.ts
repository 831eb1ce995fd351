import { readdirSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import type { RunEvent } from '#core/protocol/messages.ts'
import { parseWorkflow } from '#core/workflow/parse.ts'
import { printWorkflow } from '#core/workflow/print.ts'
import {
  done,
  type EngineRun,
  EngineRunner,
  embeddedModels,
  labels,
  pixelsOf,
  planned,
  rewired,
  template,
  textsOf,
} from '../engine-runner.ts'
import { temporaryFolder } from '../golden-networks.ts'

const runner = new EngineRunner(embeddedModels)
afterAll(() => runner.close())

const set = { steps: '1', 'latent.width': '64', 'latent.height': '64' }
const lora = template('lcm-lora')
const ofType = <T extends RunEvent['type']>({ events }: Pick<EngineRun, 'events'>, type: T) =>
  events.filter((event): event is Extract<RunEvent, { type: T }> => event.type === type)

/** The workflow with sampler and decoder in one subgraph; it saves nothing. */
function inSubgraph(): string {
  const { nodes, ...rest } = JSON.parse(lora)
  const { sampler, decode, save: _, ...outside } = nodes
  const inputs = { model: {}, positive: {}, latent: {}, scheduler: {}, vae: {} }
  const given = { ...sampler.inputs, vae: decode.inputs.vae }
  const fromOutside = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, { input: name }]))
  const draw = {
    inputs,
    outputs: { picture: { link: ['decode', 'image'] } },
    nodes: {
      sampler: { ...sampler, inputs: { seed: '42', ...fromOutside(['model', 'positive', 'latent', 'scheduler']) } },
      decode: { ...decode, inputs: { latent: decode.inputs.latent, ...fromOutside(['vae']) } },
    },
  }
  const instance = {
    type: 'subgraph:draw',
    version: 1,
    at: [0, 0],
    inputs: Object.fromEntries(Object.keys(inputs).map((name) => [name, given[name]])),
  }
  return JSON.stringify({ ...rest, nodes: { ...outside, fox: instance }, subgraphs: { draw } })
}

describe('a run to a node', () => {
  test('that gives a picture shows it, with its workflow, and saves nothing', async () => {
    const outputFolder = temporaryFolder()
    const run = await runner.run(lora, { set, outputFolder, targets: ['decode'] })
    expect(run.images).toMatchObject([{ node: 'decode', shown: true, width: 64, height: 64, seed: '42' }])
    expect(readdirSync(outputFolder)).toHaveLength(1)
    const texts = textsOf(run.images[0]?.path ?? '')
    expect(printWorkflow(parseWorkflow(texts.get('latent-loom') ?? ''))).toContain('"steps": 1')
    const saved = await runner.run(lora, { set })
    expect(await pixelsOf(run)).toEqual(await pixelsOf(saved))
    expect(saved.images[0]).not.toHaveProperty('shown')
    expect(done(saved)).toEqual(['save'])
  })

  test('whose picture is there runs nothing and shows it again', async () => {
    const run = await runner.run(lora, { set, targets: ['decode'] })
    expect(run.images).toHaveLength(1)
    expect(done(run)).toEqual([])
    expect(planned(run).run).toEqual([])
  })

  test('that gives a latent ends with a preview of it', async () => {
    const run = await runner.run(lora, { set, seed: '5', targets: ['sampler'] })
    expect(done(run)).toEqual(['sampler'])
    expect(run.images).toEqual([])
    const previews = ofType(run, 'preview')
    expect(previews).toMatchObject([{ node: 'sampler', width: 8, height: 8 }])
    expect(new Set(previews[0]?.rgb).size).toBeGreaterThan(20)
  })

  test('that gives something else runs it and what it needs, no more', async () => {
    const run = await runner.run(lora, { set: { ...set, prompt: 'a blue whale' }, targets: ['prompt'] })
    expect(done(run)).toEqual(['prompt'])
    expect(planned(run)).toEqual({ reused: ['checkpoint'], run: ['prompt'] })
    expect(labels(run, 'sample')).toEqual([])
  })

  test('that is an effect runs no other', async () => {
    const document = JSON.parse(lora)
    document.nodes.again = document.nodes.save
    const run = await runner.run(JSON.stringify(document), { set, targets: ['again'] })
    expect(run.images).toMatchObject([{ node: 'again' }])
    expect(run.images[0]).not.toHaveProperty('shown')
  })

  test('and to another does both, each once', async () => {
    const run = await runner.run(lora, { set, targets: ['decode', 'save', 'decode', 'sampler'] })
    expect(run.images.map(({ node, shown = false }) => `${node} ${shown}`).sort()).toEqual([
      'decode true',
      'save false',
    ])
    expect(ofType(run, 'preview')).toHaveLength(1)
  })

  test('that is a subgraph shows what its outputs give', async () => {
    const run = await runner.run(inSubgraph(), { set, targets: ['fox'] })
    expect(run.images).toMatchObject([{ node: 'fox--decode', shown: true }])
    const inner = await runner.run(inSubgraph(), { set, targets: ['fox--sampler'] })
    expect(ofType(inner, 'preview')).toMatchObject([{ node: 'fox--sampler' }])
  })

  test('that is bypassed shows what its outputs stand for', async () => {
    const document = JSON.parse(lora)
    document.nodes.twice = {
      type: 'sampler',
      version: 1,
      at: [0, 0],
      state: 'bypass',
      inputs: { latent: { link: ['sampler', 'latent'] } },
    }
    const run = await runner.run(JSON.stringify(document), { set, targets: ['twice'] })
    expect(ofType(run, 'preview')).toMatchObject([{ node: 'sampler' }])
  })
})

describe('problems', () => {
  const broken = rewired(lora, { 'sampler.guidance': 1000 })

  test('of what a target does not need hinder it not', async () => {
    const run = await runner.run(broken, { set, targets: ['prompt', 'latent'] })
    expect(ofType(run, 'preview')).toMatchObject([{ node: 'latent' }])
  })

  test('of what it needs are told', async () => {
    const { problems } = await runner.failure(broken, { set, targets: ['decode'] })
    expect(problems).toMatchObject([{ code: 'range', node: 'sampler', input: 'guidance' }])
  })

  test('a target that is not there, or is muted, is refused with its name', async () => {
    const missing = await runner.failure(lora, { set, targets: ['nowhere'] })
    expect(missing.error).toMatchObject({ code: 'not-found', node: 'nowhere' })
    const document = JSON.parse(lora)
    document.nodes.prompt.state = 'mute'
    const muted = await runner.failure(JSON.stringify(document), { set, targets: ['decode'] })
    expect(muted.error).toMatchObject({ code: 'invalid', node: 'decode' })
  })
})
