import { LoomError } from '#core/errors.ts'
import type { SchedulerSpec } from '#core/plan/scheduler.ts'
import type { StepAttributes } from '#core/plan/step.ts'
import type { StepRule } from '../runtime/executor.ts'
import { interruption } from '../runtime/interruption.ts'
import type { Conditioning, FloatTensor, Latent, ModelValue, SessionValue } from '../runtime/values.ts'
import { createSolver } from '../sampling/create-solver.ts'
import { guidanceEmbedding, guide } from '../sampling/guidance.ts'
import { TorchGenerator } from '../sampling/noise.ts'
import { runSampler } from '../sampling/run-sampler.ts'
import { latentPreview } from './preview.ts'
import { asKind } from './source.ts'
import { strengthFeeds } from './strengths.ts'
import { floatBytes } from './tensors.ts'

/** Solver steps over the UNet, with classifier-free guidance in one batched pass where it is asked for. */
export const sample: StepRule<'sample'> = {
  bytes: ({ tensor }) => floatBytes(tensor),
  async run(context, { session, strengths, positive, negative, latent, scheduler }, { seed, guidance, strength }) {
    const model = asKind(session.of, 'model')
    const { tensor, empty } = latent
    requireChannels(tensor, model)
    context.emit({ type: 'phase', phase: 'sample', label: scheduler.kind })
    const generator = new TorchGenerator(BigInt(seed))
    // One generator serves encoder and sampler in diffusers: what the encoder drew is not drawn again.
    if (latent.drawn?.seed === seed) generator.randn(latent.drawn.shape)
    const vae = model.checkpoint.identity
    const factors = await context.rgbFactors.of(vae)
    const predict = predictor({
      session,
      strengths: strengthFeeds(strengths),
      model,
      positive,
      negative,
      guidance,
      shape: tensor.shape,
    })
    const data = await runSampler(
      solverFor(scheduler, model, empty ? 1 : strength),
      generator,
      empty ? { shape: tensor.shape } : { shape: tensor.shape, latent: tensor.data },
      {
        predict,
        async stepped(step, steps, denoised) {
          context.emit({ type: 'step', step, steps })
          if (context.previews) {
            context.emit({ type: 'preview', ...latentPreview({ data: denoised, shape: tensor.shape }, factors) })
          }
          await interruption(context.signal)
        },
      },
    )
    return { tensor: { data, shape: tensor.shape }, empty: false, vae } satisfies Latent
  },
}

interface PredictorOptions {
  readonly session: SessionValue
  readonly strengths: ReturnType<typeof strengthFeeds>
  readonly model: ModelValue
  readonly positive: Conditioning
  readonly negative: Conditioning | undefined
  readonly guidance: StepAttributes['sample']['guidance']
  readonly shape: readonly number[]
}

/** How the UNet is asked: once with a guidance embedding, once plainly, or as one batch `[uncond; cond]`. */
function predictor({ session: { session }, strengths, model, positive, negative, guidance, shape }: PredictorOptions) {
  const { guidanceWidth } = model.network.config
  const [batch = 1, ...rest] = shape
  const run = async (latent: Float32Array, timestep: number, context: FloatTensor, size: number) => {
    const { prediction } = await session.run({
      latent: { data: latent, shape: [size, ...rest] },
      timestep: { data: new Float32Array(size).fill(timestep), shape: [size] },
      context,
      ...strengths,
      ...(guidanceWidth && { guidance: repeatRows(guidanceEmbedding(guidance, guidanceWidth), size) }),
    })
    if (!prediction) throw new LoomError('internal', 'The UNet gave no prediction.')
    return prediction.data
  }
  if (guidanceWidth || guidance === 1) {
    const context = repeatContexts([positive.context], batch)
    return (latent: Float32Array, timestep: number) => run(latent, timestep, context, batch)
  }
  if (!negative) {
    throw new LoomError(
      'missing-input',
      `Guidance ${guidance} compares with a negative prompt, and none is connected.`,
      {
        input: 'negative',
        hint: 'Connect a Prompt node (its text may be empty), or set guidance to 1.',
      },
    )
  }
  const context = repeatContexts([negative.context, positive.context], batch)
  return async (latent: Float32Array, timestep: number) => {
    const doubled = new Float32Array(2 * latent.length)
    doubled.set(latent)
    doubled.set(latent, latent.length)
    return guide(await run(doubled, timestep, context, 2 * batch), guidance)
  }
}

function solverFor(scheduler: SchedulerSpec, model: ModelValue, strength: number) {
  return createSolver(scheduler, { prediction: model.prediction, strength })
}

/** `(1, tokens, width)` contexts one after the other, each `batch` times, at one length. */
function repeatContexts(contexts: readonly FloatTensor[], batch: number): FloatTensor {
  const lengths = contexts.map(({ shape }) => shape[1] ?? 0)
  // Attention to a context that is repeated as a whole is attention to it once, so a common multiple changes nothing.
  const tokens = lengths.reduce(leastCommonMultiple)
  const width = contexts[0]?.shape[2] ?? 0
  const data = new Float32Array(contexts.length * batch * tokens * width)
  let at = 0
  for (const context of contexts) {
    const copies = (batch * tokens * width) / context.data.length
    for (let copy = 0; copy < copies; copy++, at += context.data.length) data.set(context.data, at)
  }
  return { data, shape: [contexts.length * batch, tokens, width] }
}

function leastCommonMultiple(a: number, b: number): number {
  const greatestCommonDivisor = (x: number, y: number): number => (y === 0 ? x : greatestCommonDivisor(y, x % y))
  return (a / greatestCommonDivisor(a, b)) * b
}

function repeatRows(row: Float32Array, rows: number): FloatTensor {
  const data = new Float32Array(row.length * rows)
  for (let i = 0; i < rows; i++) data.set(row, i * row.length)
  return { data, shape: [rows, row.length] }
}

function requireChannels({ shape }: FloatTensor, { network, checkpoint }: ModelValue): void {
  const { inChannels } = network.config
  if (shape[1] === inChannels) return
  throw new LoomError('mismatch', `The latent has ${shape[1]} channels, but ${checkpoint.path} takes ${inChannels}.`, {
    input: 'latent',
    hint: 'Inpainting checkpoints take a mask as well; use a text-to-image checkpoint.',
  })
}
