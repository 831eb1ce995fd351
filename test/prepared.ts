import { createHash } from 'node:crypto'
import { utimesSync } from 'node:fs'
import { join } from 'node:path'
import type { LoomError } from '#core/errors.ts'
import { openCheckpoint } from '#engine/models/detect.ts'
import type { Model } from '#engine/models/networks/model.ts'
import { buildTextEncoder } from '#engine/models/networks/text-encoder.ts'
import { buildUnet } from '#engine/models/networks/unet.ts'
import { buildVaeDecoder, buildVaePart } from '#engine/models/networks/vae.ts'
import { openSession } from '#engine/prepared/open-session.ts'
import { PreparedWeights } from '#engine/prepared/prepared-weights.ts'
import { chooseDevice } from '#engine/runtime/devices.ts'
import type { Feed } from '#engine/runtime/session.ts'
import { sample } from './onnx.ts'
import { writeSmallCheckpoint } from './small-models.ts'

/** A checkpoint that was written long ago: the store waits until a file has come to rest. */
export function restingCheckpoint(folder: string, salt = 0): string {
  return rested(writeSmallCheckpoint(join(folder, 'small.safetensors'), salt))
}

/** @param seconds ago that the file was written, as it seems */
export function rested(path: string, seconds = 7200): string {
  const then = Date.now() / 1000 - seconds
  utimesSync(path, then, then)
  return path
}

export interface Case {
  readonly model: Model
  /** The network without adapters. */
  readonly base?: () => Model
  readonly feeds: Readonly<Record<string, Feed>>
}

/** The networks of a checkpoint like SD1.5, with something to feed them. */
export async function networksOf(checkpoint: string) {
  const { unet, textEncoder, vae } = await openCheckpoint(checkpoint)
  if (!unet || !textEncoder || !vae) throw new Error(`${checkpoint} is not whole`)
  const latent = waves([1, 4, 8, 8])
  const tokens = { data: new BigInt64Array(77).fill(49407n), shape: [1, 77] }
  const plain = { data: new Float32Array(77).fill(1), shape: [1, 77, 1] }
  return {
    unet: {
      model: buildUnet(unet),
      feeds: { latent, timestep: waves([1]), context: waves([1, 77, unet.config.contextWidth]) },
    },
    'text encoder': {
      model: buildTextEncoder({ textEncoder, skip: 1 }),
      feeds: { tokens, plain, vectors: waves([1, 77, textEncoder.config.width]) },
    },
    'VAE decoder': { model: buildVaeDecoder(vae), feeds: { latent } },
    'VAE encoder': { model: buildVaePart('encoder', vae), feeds: { image: waves([1, 3, 64, 64]) } },
  }
}

function waves(shape: readonly number[]): Feed {
  return { data: sample(shape).data, shape }
}

export interface Predicted {
  /** All outputs, to the bit. */
  readonly digest: string
  /** Bytes of the weights that the session owned. */
  readonly own: number
  /** Why the store refused, if it told. */
  readonly refused?: string
}

/** @param folder of the store; absent: without */
export async function predict(
  { model, base, feeds }: Case,
  folder?: string,
  loaded: () => Promise<void> = async () => {},
): Promise<Predicted> {
  const prepared = folder === undefined ? undefined : new PreparedWeights(folder)
  let refused: LoomError | undefined
  const session = await openSession('network', model, {
    device: chooseDevice('cpu'),
    prepared,
    base,
    verify: true,
    loaded,
    refused: (error) => {
      refused = error
    },
  })
  const outputs = await session.run(feeds)
  const own = session.ownBytes
  await session.release()
  await prepared?.settled()
  const digest = createHash('sha256')
  for (const [name, { data }] of Object.entries(outputs).sort()) digest.update(name).update(data)
  return { digest: digest.digest('hex'), own, ...(refused && { refused: refused.message }) }
}
