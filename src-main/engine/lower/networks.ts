import { basename } from 'node:path'
import { LoomError } from '#core/errors.ts'
import type { NetworkKind } from '#core/plan/step.ts'
import { applyAdapter } from '../adapters/apply.ts'
import { type Coverage, fitAdapter, matchedCount } from '../adapters/match.ts'
import { openAdapter } from '../adapters/open.ts'
import type { Checkpoint } from '../models/checkpoint.ts'
import { openCheckpoint } from '../models/detect.ts'
import type { Model } from '../models/networks/model.ts'
import { buildTextEncoder, requireSkip } from '../models/networks/text-encoder.ts'
import { buildUnet } from '../models/networks/unet.ts'
import { buildVaeDecoder, buildVaeEncoder } from '../models/networks/vae.ts'
import type { NetworkWeights } from '../models/weights.ts'
import type { Graph } from '../onnx/graph.ts'
import { print } from '../onnx/print.ts'
import type { StepContext, StepRule } from '../runtime/executor.ts'
import { interruption } from '../runtime/interruption.ts'
import { NetworkSession } from '../runtime/session.ts'
import type { ClipValue, ModelValue, VaeValue } from '../runtime/values.ts'
import { asKind, type SessionSource } from './source.ts'
import { strengthInput } from './strengths.ts'

export const unet: StepRule<'unet'> = {
  files: ({ file }) => [file],
  async run(context, _inputs, { file, prediction }) {
    const checkpoint = await openCheckpoint(await context.resolve(file))
    return {
      kind: 'model',
      checkpoint,
      network: checkpoint.unet ?? lacks(checkpoint, 'UNet'),
      prediction: prediction === 'auto' ? checkpoint.prediction : prediction,
    }
  },
}

export const textEncoder: StepRule<'text-encoder'> = {
  files: ({ file }) => [file],
  async run(context, _inputs, { file, skip }) {
    const checkpoint = await openCheckpoint(await context.resolve(file))
    const network = checkpoint.textEncoder ?? lacks(checkpoint, 'text encoder')
    requireSkip(network.config, skip)
    return { kind: 'clip', checkpoint, network, skip }
  },
}

export const vae: StepRule<'vae'> = {
  files: ({ file }) => [file],
  async run(context, _inputs, { file }) {
    const checkpoint = await openCheckpoint(await context.resolve(file))
    return { kind: 'vae', checkpoint, network: checkpoint.vae ?? lacks(checkpoint, 'VAE') }
  },
}

/** Adds an adapter's differences to the weights; nothing is computed before a session is made of them. */
export const applyLora: StepRule<'apply-lora'> = {
  files: ({ file }) => [file],
  run: (context, { target }, { file, strength }) => adapted(context, target, file, strength),
}

export const liveLora: StepRule<'live-lora'> = {
  files: ({ file }) => [file],
  run: (context, { target }, { file }) => adapted(context, target, file, { input: strengthInput(file) }),
}

async function adapted<Value extends ModelValue | ClipValue>(
  context: StepContext,
  target: Value,
  file: string,
  strength: Parameters<typeof applyAdapter>[2],
): Promise<Value> {
  const adapter = await openAdapter(await context.resolve(file))
  const coverage = fitAdapter(adapter, target.checkpoint)
  if (coverage.unmatched.length > 0) warnOfUnmatched(context, file, coverage)
  const matches = target.kind === 'model' ? coverage.unet : coverage.textEncoder
  return withWeights(target, applyAdapter(target.network.weights, matches, strength))
}

/** The only step that reads weights: builds the graph and makes the session. */
export const session: StepRule<'session'> = {
  bytes: ({ session: { weightBytes } }) => weightBytes,
  async run(context, { of }, { network }) {
    const name = `${networkNames[network]} of ${basename(of.checkpoint.path)}`
    context.emit({ type: 'phase', phase: 'load', label: name })
    const model = builders[network](of)
    await context.makeRoom(model.weightBytes)
    const loaded = async (step: number, steps: number) => {
      if (steps > 1) context.emit({ type: 'step', step, steps })
      await interruption(context.signal)
    }
    const dump = (stage: string, graph: Graph) => {
      if (stage === context.dump) context.emit({ type: 'dump', stage: context.dump, of: name, text: print(graph) })
    }
    dump('build', model.graph)
    const options = { verify: context.verify, dump, loaded }
    return { session: await NetworkSession.create(name, model, context.device, options), of }
  },
}

const networkNames: Record<NetworkKind, string> = {
  unet: 'UNet',
  'text-encoder': 'text encoder',
  'vae-encoder': 'VAE encoder',
  'vae-decoder': 'VAE decoder',
}

const builders: Record<NetworkKind, (of: SessionSource) => Model> = {
  unet: (of) => buildUnet(asKind(of, 'model').network),
  'text-encoder': (of) => {
    const { network, skip } = asKind(of, 'clip')
    return buildTextEncoder(network, { skip })
  },
  'vae-encoder': (of) => buildVaeEncoder(asKind(of, 'vae').network),
  'vae-decoder': (of) => buildVaeDecoder(asKind(of, 'vae').network),
}

function withWeights<Value extends ModelValue | ClipValue | VaeValue>(value: Value, weights: NetworkWeights): Value {
  return { ...value, network: { ...value.network, weights } }
}

function lacks({ path }: Checkpoint, part: string): never {
  throw new LoomError('mismatch', `${path} has no ${part}.`, {
    input: 'file',
    hint: 'Take a checkpoint that has all its parts.',
  })
}

function warnOfUnmatched(context: StepContext, file: string, coverage: Coverage): void {
  const { unmatched, total } = coverage
  const shown = unmatched.slice(0, 3).join(', ')
  const more = unmatched.length > 3 ? ` and ${unmatched.length - 3} more` : ''
  context.emit({
    type: 'warning',
    error: {
      code: 'mismatch',
      message: `${matchedCount(coverage)} of ${total} modules of ${file} fit; left out: ${shown}${more}.`,
      hint: '`latent-loom inspect` lists what an adapter holds.',
    },
  })
}
