import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodePrompt, sampleLatent, vaeDecode } from '#core/plan/composites.ts'
import type { StepAttributes } from '#core/plan/ops.ts'
import type { Plan } from '#core/plan/plan.ts'
import { schedulerDefaults } from '#core/plan/scheduler.ts'
import { readFact } from '#engine/facts.ts'
import { goldenTensors, temporaryFolder } from '../golden-networks.ts'
import { readGolden } from '../goldens.ts'
import { PlanRunner } from '../run-plan.ts'
import { type TensorValues, writeTensors } from '../tensor-file.ts'

type Parts = {
  readonly unet: string
  readonly text: StepAttributes['text-encoder']
  readonly vae: StepAttributes['vae']
}

const folder = temporaryFolder()
const at = (name: string) => join(folder, name)
let tensors: readonly TensorValues[] = []

/** The tensors below a prefix as a file of their own. */
function writePart(name: string, prefix: string): void {
  const inside = tensors.filter((tensor) => tensor.name.startsWith(prefix))
  writeTensors(
    at(name),
    inside.map((tensor) => ({ ...tensor, name: tensor.name.slice(prefix.length) })),
  )
}

const drawing =
  ({ unet, text, vae }: Parts) =>
  (plan: Plan) => {
    const clip = plan.step('text-encoder', {}, text)
    const latent = sampleLatent(
      plan,
      {
        model: plan.step('unet', {}, { file: unet, prediction: 'auto' }),
        positive: encodePrompt(plan, clip, { text: 'a fox' }),
        latent: plan.step('empty-latent', {}, { width: 64, height: 64, batch: 1 }),
        scheduler: plan.step('scheduler', {}, { spec: { ...schedulerDefaults.lcm, steps: 1 } }),
      },
      { seed: '7', guidance: 1, strength: 1 },
    )
    plan.step('save-image', { image: vaeDecode(plan, plan.step('vae', {}, vae), latent) }, { prefix: 'parts' })
  }

describe('a model whose parts are files of their own', () => {
  let runner: PlanRunner
  beforeAll(() => {
    const { weights, salt } = readGolden<{ weights: Record<string, number[]>; salt: number }>('pipeline-sdxl').json
    tensors = goldenTensors(weights, salt)
    writeTensors(at('whole.safetensors'), tensors)
    writePart('unet.safetensors', 'model.diffusion_model.')
    writePart('clip-l.safetensors', 'conditioner.embedders.0.transformer.')
    writePart('clip-g.safetensors', 'conditioner.embedders.1.model.')
    writePart('vae.safetensors', 'first_stage_model.')
    runner = new PlanRunner([folder])
  })
  afterAll(() => runner?.close())
  const imageOf = async (parts: Parts) => (await runner.run(drawing(parts))).images[0]?.data

  const file = 'whole.safetensors'
  const whole: Parts = { unet: file, text: { file, skip: 1 }, vae: { file } }

  it('draws what the whole file draws', async () => {
    const expected = await imageOf(whole)
    const text = { file: 'clip-l.safetensors', file2: 'clip-g.safetensors', skip: 1 }
    const vae = { file: 'vae.safetensors', scaling: 'sdxl' } as const
    expect(await imageOf({ unet: 'unet.safetensors', text, vae })).toEqual(expected)
    expect(await imageOf({ ...whole, vae: { file: 'vae.safetensors' } })).not.toEqual(expected)
  })

  it('refuses a file that is another part, by name', async () => {
    const wrong = { ...whole, vae: { file: 'unet.safetensors' } }
    await expect(imageOf(wrong)).rejects.toMatchObject({
      code: 'mismatch',
      message: expect.stringMatching(
        /unet\.safetensors cannot be opened as a VAE: it is the UNet of an SDXL model alone/,
      ),
    })
  })

  it('is known by its headers', async () => {
    expect(await readFact(at(file), 'checkpoint')).toMatchObject({
      family: 'sdxl',
      variant: 'base',
      told: { training: { prediction: 'epsilon' } },
      guidanceEmbedding: false,
      inpainting: false,
      pictureSize: 1024,
      hasModel: true,
      hasClip: true,
      hasVae: true,
    })
    expect(await readFact(at('unet.safetensors'), 'unet')).toMatchObject({
      kind: 'unet',
      family: 'sdxl',
      pictureSize: 1024,
    })
    expect(await readFact(at(file), 'unet')).toMatchObject({ kind: 'unet', family: 'sdxl' })
    expect(await readFact(at(file), 'text-encoder')).toEqual({ kind: 'text-encoder', family: 'sdxl' })
    expect(await readFact(at('clip-l.safetensors'), 'text-encoder')).toEqual({
      kind: 'text-encoder',
      family: 'unknown',
    })
    expect(await readFact(at('vae.safetensors'), 'vae')).toEqual({ kind: 'vae', family: 'unknown' })
    expect(await readFact(at('vae.safetensors'), 'checkpoint')).toMatchObject({
      kind: 'error',
      message: expect.stringContaining('it is a VAE alone'),
      hint: expect.stringContaining('Load VAE'),
    })
  })
})
