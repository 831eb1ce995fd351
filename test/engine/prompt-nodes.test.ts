import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { documentOf, EngineRunner, embeddedModels, pixelsOf, textsOf } from '../engine-runner.ts'
import { temporaryFolder } from '../golden-networks.ts'
import { largestDifference } from '../goldens.ts'

type Nodes = Parameters<typeof documentOf>[0]

/** A graph that draws `-> positive.conditioning`. */
const drawing = (nodes: Nodes, sampler: Record<string, string | number> = {}): string =>
  documentOf({
    checkpoint: ['checkpoint', { file: 'emoji-tiny.safetensors' }],
    fox: ['prompt', { clip: '-> checkpoint.clip', text: 'a red fish' }],
    owl: ['prompt', { clip: '-> checkpoint.clip', text: 'a green (tree:1.2)' }],
    ...nodes,
    scheduler: ['scheduler', { steps: 2 }],
    latent: ['empty-latent', { width: 64, height: 64 }],
    sampler: [
      'sampler',
      {
        model: '-> checkpoint.model',
        positive: '-> positive.conditioning',
        latent: '-> latent.latent',
        scheduler: '-> scheduler.scheduler',
        seed: '7',
        guidance: 3,
        ...sampler,
      },
    ],
    decode: ['vae-decode', { vae: '-> checkpoint.vae', latent: '-> sampler.latent' }],
    save: ['save-image', { image: '-> decode.image' }],
  })

describe('nodes that make prompts of prompts', () => {
  const models = temporaryFolder()
  const engine = new EngineRunner(embeddedModels, models)
  afterAll(() => engine.close())
  const draw = async (...of: Parameters<typeof drawing>) => (await pixelsOf(await engine.run(drawing(...of))))[0] ?? []
  const alone = { positive: ['prompt', { clip: '-> checkpoint.clip', text: 'a red fish' }] } satisfies Nodes
  const [fox, owl] = ['-> fox.conditioning', '-> owl.conditioning']

  it.each<[string, Nodes]>([
    ['combined with itself', { positive: ['conditioning-combine', { first: fox, second: fox }] }],
    ['averaged with none of the other', { positive: ['conditioning-average', { first: fox, second: owl, amount: 0 }] }],
    ['in an area of the whole', { positive: ['conditioning-area', { conditioning: fox, width: 1, height: 1 }] }],
    ['in the whole range', { positive: ['conditioning-range', { conditioning: fox }] }],
    [
      'with sizes, which SD1.x leaves aside',
      { positive: ['size-conditioning', { conditioning: fox, originalWidth: 99 }] },
    ],
    [
      'of the own layer of the text encoder',
      {
        skip: ['clip-skip', { clip: '-> checkpoint.clip', clipSkip: 1 }],
        positive: ['prompt', { clip: '-> skip.clip', text: 'a red fish' }],
      },
    ],
    [
      'in a white mask',
      {
        mask: ['solid-mask', { width: 64, height: 64 }],
        positive: ['conditioning-mask', { conditioning: fox, mask: '-> mask.mask' }],
      },
    ],
  ])('draw the same from a prompt %s', async (_, nodes) => {
    // The order of rounding may move a level.
    expect(largestDifference(await draw(nodes), await draw(alone))).toBeLessThanOrEqual(1)
  })

  it.each<[string, Nodes]>([
    ['combined with another', { positive: ['conditioning-combine', { first: fox, second: owl }] }],
    ['averaged with another', { positive: ['conditioning-average', { first: fox, second: owl }] }],
    ['before another', { positive: ['conditioning-concat', { first: fox, second: owl }] }],
    ['in a half', { positive: ['conditioning-area', { conditioning: fox }] }],
    ['of zeros', { positive: ['conditioning-zero', { conditioning: fox }] }],
    [
      'of another layer',
      {
        skip: ['clip-skip', { clip: '-> checkpoint.clip' }],
        positive: ['prompt', { clip: '-> skip.clip', text: 'a red fish' }],
      },
    ],
    [
      'for the first half of the run and another for the second',
      {
        early: ['conditioning-range', { conditioning: fox, end: 0.5 }],
        late: ['conditioning-range', { conditioning: owl, start: 0.5 }],
        positive: ['conditioning-combine', { first: '-> early.conditioning', second: '-> late.conditioning' }],
      },
    ],
    [
      'weighted as A1111 does',
      { positive: ['prompt', { clip: '-> checkpoint.clip', text: 'a [red] fish', emphasis: 'a1111' }] },
    ],
  ])('draw another picture from a prompt %s', async (_, nodes) => {
    expect(largestDifference(await draw(nodes), await draw(alone))).toBeGreaterThan(4)
  })

  it('draw without an embedding that is missing, say so once, and see it when it is there', async () => {
    const nodes = {
      positive: ['prompt', { clip: '-> checkpoint.clip', text: 'a red embedding:lost fish' }],
    } satisfies Nodes
    const warnings = (run: Awaited<ReturnType<EngineRunner['run']>>) =>
      run.events.flatMap((event) => (event.type === 'warning' && event.error.node === 'positive' ? [event.error] : []))
    const run = await engine.run(drawing(nodes))
    expect(warnings(run)).toEqual([
      expect.objectContaining({ node: 'positive', message: expect.stringContaining('The embedding lost is left out') }),
    ])
    writeFileSync(join(models, 'lost.safetensors'), 'not a safetensors file')
    const [broken] = warnings(await engine.run(drawing(nodes)))
    expect(broken?.message).toContain('lost.safetensors')
  })

  it('tell the picture their first text', async () => {
    const { images } = await engine.run(drawing({ positive: ['conditioning-combine', { first: fox, second: owl }] }))
    expect(textsOf(images[0]?.path ?? '').get('parameters')).toMatch(/^a red fish\n/)
  })

  it('refuse an SDXL Prompt for the text encoder of SD1.x', async () => {
    const { problems } = await engine.failure(drawing({ positive: ['prompt-sdxl', { clip: '-> checkpoint.clip' }] }))
    expect(problems).toEqual([expect.objectContaining({ code: 'mismatch', input: 'clip' })])
  })
})
