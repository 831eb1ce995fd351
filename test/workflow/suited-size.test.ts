import { describe, expect, it, test } from 'vitest'
import { factKey, factsOf } from '#core/types/facts.ts'
import type { InputValue, Workflow } from '#core/workflow/document.ts'
import { advise } from '#core/workflow/validate.ts'
import { changed, checkpointFact, link, node, template, typed, withInputs } from './documents.ts'

const factsWith = (pictureSize: number | undefined) =>
  factsOf(
    new Map([
      [
        factKey('checkpoint', 'emoji-tiny.safetensors'),
        { ...checkpointFact, ...(pictureSize !== undefined && { pictureSize }) },
      ],
    ]),
  )

const adviceOn = (workflow: Workflow, pictureSize?: number) =>
  advise(typed(workflow, factsWith(pictureSize))).filter(({ message }) => message.startsWith('The picture is'))

const sized = (width: number, height: number) => withInputs('lcm-lora', 'latent', { width, height })

describe('a size that does not suit the model', () => {
  test.each([
    // the square and its usual proportions
    [512, 512, 512, undefined],
    [512, 768, 512, undefined],
    [768, 768, 512, undefined],
    [512, 1024, 512, undefined],
    [1024, 1024, 512, 'repeat'],
    [1536, 512, 512, 'repeat'],
    [256, 256, 512, 'fall apart'],
    [64, 64, 512, 'fall apart'],
    [384, 384, 512, undefined],
    [768, 768, 768, undefined],
    [512, 512, 768, undefined],
    [1024, 1024, 1024, undefined],
    [832, 1216, 1024, undefined],
    [1536, 640, 1024, undefined],
    [768, 768, 1024, undefined],
    [512, 512, 1024, 'fall apart'],
    [2048, 2048, 1024, 'repeat'],
    [2048, 448, 1024, 'fall apart'],
    [128, 128, 128, undefined],
    [512, 512, undefined, undefined],
  ])('%d x %d on a model of %s: %s', (width, height, size, effect) => {
    const messages = adviceOn(sized(width, height), size).map(({ message }) => message)
    expect(messages).toEqual(effect === undefined ? [] : [expect.stringContaining(`${effect}.`)])
  })

  it('is said at the latent, with the size to take', () => {
    expect(adviceOn(sized(1024, 1024), 512)).toMatchObject([
      {
        code: 'mismatch',
        node: 'sampler',
        input: 'latent',
        message: 'The picture is 1024 x 1024 pixels, but the model was trained on about 512 x 512, so things repeat.',
        hint: expect.stringContaining('512 x 512'),
        sourceAnswers: { width: 512, height: 512 },
      },
    ])
  })

  test.each([
    [1024, 1024, 512, [512, 512]],
    [2048, 1024, 512, [704, 384]],
    [1024, 2048, 512, [384, 704]],
    [4096, 512, 512, [704, 384]],
    [256, 256, 1024, [1024, 1024]],
    [64, 128, 256, [192, 384]],
  ])('%d x %d on a model of %d becomes %j, which suits', (width, height, size, [right = 0, down = 0]) => {
    const [advice] = adviceOn(sized(width, height), size)
    expect(advice?.sourceAnswers).toEqual({ width: right, height: down })
    expect(adviceOn(sized(right, down), size)).toEqual([])
  })

  const big = { latent: node('empty-latent', { width: 1024, height: 1024 }) }
  const sampler = (inputs: Record<string, InputValue>) => {
    const { sampler } = template('lcm-lora').nodes
    return { sampler: node('sampler', { ...sampler?.inputs, ...inputs }) }
  }
  it.each<[string, Workflow['nodes']]>([
    ['is only redrawn in part', sampler({ strength: 0.5 })],
    ['goes on with earlier steps', sampler({ startStep: 2 })],
    [
      'comes from a picture',
      {
        load: node('load-image', { file: 'a.png' }),
        encode: node('vae-encode', { image: link('load', 'image'), vae: link('checkpoint', 'vae') }),
        ...sampler({ latent: link('encode', 'latent') }),
      },
    ],
  ])('is not said of a latent that %s', (_, nodes) => {
    expect(adviceOn(changed('lcm-lora', { ...big, ...nodes }), 512)).toEqual([])
  })

  it('is said of a size that a link gives', () => {
    const scaled = changed('lcm-lora', {
      twice: node('scale-latent', { latent: link('latent', 'latent'), width: 1024, height: 1024 }),
      ...sampler({ latent: link('twice', 'latent') }),
    })
    expect(adviceOn(scaled, 512)).toHaveLength(1)
  })
})
