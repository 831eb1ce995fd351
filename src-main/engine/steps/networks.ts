import { basename } from 'node:path'
import { LoomError } from '#core/errors.ts'
import { baseFamilies } from '#core/families/families.ts'
import { chosenTraining } from '#core/families/training.ts'
import type { NetworkKind, VaePart } from '#core/plan/attributes.ts'
import { toErrorData } from '#core/protocol/error-data.ts'
import { writeNumberedFile } from '../files/numbered-file.ts'
import type { Checkpoint } from '../models/checkpoint.ts'
import { openNetwork, openTextEncoders } from '../models/detect.ts'
import type { Model } from '../models/networks/model.ts'
import { buildTextEncoder, requireSkip } from '../models/networks/text-encoder.ts'
import { buildUnet } from '../models/networks/unet.ts'
import { buildVaePart } from '../models/networks/vae.ts'
import { foreignTraining } from '../models/refusal.ts'
import { print } from '../onnx/print.ts'
import { openSession } from '../prepared/open-session.ts'
import { interruption } from '../runtime/interruption.ts'
import { ResidentNetwork } from '../runtime/resident-network.ts'
import type { StepContext, StepRule } from './context.ts'
import { asKind, type SessionSource, withoutAdapters } from './source.ts'

export const unet: StepRule<'unet'> = {
  files: ({ file }) => [file],
  async run(context, _inputs, { file, keyStride = 1, ...chosen }) {
    const checkpoint = await openNetwork(await context.resolve(file), 'unet')
    const { training, foreign } = checkpoint.told
    if (foreign !== undefined && chosen.prediction === 'auto') throw foreignTraining(checkpoint.path, foreign)
    const network = checkpoint.unet ?? lacks(checkpoint, 'UNet')
    return { kind: 'model', checkpoint, network, training: chosenTraining(training, chosen), keyStride }
  },
}

export const textEncoder: StepRule<'text-encoder'> = {
  files: ({ file, file2 }) => (file2 === undefined ? [file] : [file, file2]),
  async run(context, _inputs, { file, file2, skip }) {
    const path2 = file2 === undefined ? undefined : await context.resolve(file2)
    const checkpoint = await openTextEncoders(await context.resolve(file), path2)
    const { textEncoder, textEncoder2 } = checkpoint
    const towers = { ...(textEncoder && { textEncoder }), ...(textEncoder2 && { textEncoder2 }) }
    if (!textEncoder && !textEncoder2) lacks(checkpoint, 'text encoder')
    requireSkip(towers, skip)
    return { kind: 'clip', checkpoint, ...towers, skip }
  },
}

export const vae: StepRule<'vae'> = {
  files: ({ file }) => [file],
  async run(context, _inputs, { file, scaling }) {
    const checkpoint = await openNetwork(await context.resolve(file), 'vae')
    const { config, weights } = checkpoint.vae ?? lacks(checkpoint, 'VAE')
    const said = scaling === undefined || config.kind === 'taesd'
    return {
      kind: 'vae',
      checkpoint,
      network: { config: said ? config : { ...config, scaling: baseFamilies[scaling].latents.scaling }, weights },
    }
  },
}

/** Builds the graph and creates the session. Only this step reads weights. */
export const session: StepRule<'session'> = {
  bytes: ({ session: { processorBytes } }) => processorBytes,
  async run(context, { of }, { network }) {
    const session = residentNetwork(context, of, network)
    const { model } = session
    const precision = model.precision(await context.device.computesIn())
    context.emit({ type: 'phase', phase: 'load', label: session.name, precision })
    const tell = (text: string) => {
      if (context.dump) context.emit({ type: 'dump', stage: context.dump, of: session.name, text })
    }
    if (context.dump === 'build') tell(print(model.graph))
    if (context.dump === 'encode') {
      const bytes = model.bytes({ provider: context.device.name, precision })
      tell(await writeNumberedFile(context.outputFolder, session.name, 'onnx', bytes))
    }
    return { session: await session.open(context), of }
  },
}

/** A network that is opened when it is used. */
export function residentNetwork(context: StepContext, of: SessionSource, network: NetworkKind): ResidentNetwork {
  const name = `${networkNames[network]} of ${basename(of.checkpoint.path)}`
  const model = builders[network](of)
  const plain = withoutAdapters(of)
  const { prepared, verify, dump: stage, makeRoom, device, residents } = context
  return new ResidentNetwork({
    name,
    model,
    device,
    residents,
    open: (on, { emit, signal, profile }) =>
      openSession(name, model, {
        device: on,
        prepared,
        base: plain && (() => builders[network](plain)),
        makeRoom,
        refused: (error) => emit({ type: 'warning', error: toErrorData(error) }),
        profile,
        verify,
        dump: (at, graph) => {
          if (at === stage) emit({ type: 'dump', stage: at, of: name, text: print(graph) })
        },
        loaded: async (step, steps) => {
          if (steps > 1) emit({ type: 'step', step, steps })
          await interruption(signal)
        },
        signal,
      }),
  })
}

/** Display names of the networks. */
export const networkNames: Record<NetworkKind, string> = {
  unet: 'UNet',
  'text-encoder': 'text encoder',
  'vae-encoder': 'VAE encoder',
  'vae-encoder-outer': 'outer VAE encoder',
  'vae-encoder-inner': 'inner VAE encoder',
  'vae-decoder': 'VAE decoder',
  'vae-decoder-inner': 'inner VAE decoder',
  'vae-decoder-outer': 'outer VAE decoder',
}

const builders: Record<NetworkKind, (of: SessionSource) => Model> = {
  unet(of) {
    const { network, keyStride } = asKind(of, 'model')
    return buildUnet(network, keyStride)
  },
  'text-encoder': (of) => buildTextEncoder(asKind(of, 'clip')),
  'vae-encoder': vaePart('encoder'),
  'vae-encoder-outer': vaePart('encoder-outer'),
  'vae-encoder-inner': vaePart('encoder-inner'),
  'vae-decoder': vaePart('decoder'),
  'vae-decoder-inner': vaePart('decoder-inner'),
  'vae-decoder-outer': vaePart('decoder-outer'),
}

function vaePart(part: VaePart) {
  return (of: SessionSource) => buildVaePart(part, asKind(of, 'vae').network)
}

function lacks({ path }: Checkpoint, part: string): never {
  throw new LoomError('mismatch', `${path} has no ${part}.`, {
    input: 'file',
    hint: 'Take a checkpoint that has all its parts.',
  })
}
