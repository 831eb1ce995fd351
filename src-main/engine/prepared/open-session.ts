import { LoomError } from '#core/errors.ts'
import type { LoweredModel, Model } from '../models/networks/model.ts'
import type { Device } from '../runtime/devices.ts'
import { type Instead, type LoadOptions, NetworkSession, ownBytes } from '../runtime/session.ts'
import type { PreparedWeights } from './prepared-weights.ts'

interface Opening extends LoadOptions {
  readonly device: Device
  /** Absent: the session computes its weights and owns them. */
  readonly prepared?: PreparedWeights | undefined
  /** Builds the network without adapters, if the model has some. */
  readonly base?: (() => Model) | undefined
  /** Called with the bytes of the weights that the session will own in the processor's memory. */
  readonly makeRoom?: (bytes: number) => Promise<void>
  /** Told why the session owns its weights, if an artist could change that. */
  readonly refused?: (error: LoomError) => void
}

/**
 * A session whose weights are mapped from the store's files, as far as they are there or can be put there.
 * @throws what `NetworkSession.create` throws
 */
export async function openSession(
  name: string,
  model: Model,
  { device, prepared, base, makeRoom = async () => {}, refused, ...options }: Opening,
): Promise<NetworkSession> {
  const precision = await device.computesIn()
  const target = { provider: device.name, precision }
  const { loaded = async () => {}, signal } = options
  const owning = () => model.lowered({ ...options, ...target })
  const create = async (from: LoweredModel, instead?: Instead) => {
    await makeRoom(device.name === 'cpu' ? ownBytes(from, device) : 0)
    return NetworkSession.create(name, from, device, { ...options, instead })
  }
  // other devices own what they compute with
  if (!prepared || device.name !== 'cpu') return create(owning())
  const mapping = model.lowered({ ...options, ...target, mapped: true })
  const plain = base?.().lowered({ ...target, mapped: true })
  const preparing = { of: name, device, base: plain, signal, progress: loaded, refused }
  const ready = await prepared.ready(mapping, preparing)
  if (ready === mapping) return create(owning())
  return create(ready, { of: owning, needed: () => prepared.doubts(ready) }).catch((error: unknown) => {
    if (error instanceof LoomError && error.code === 'cancelled') throw error
    // another process may have made room meanwhile
    return create(owning())
  })
}
