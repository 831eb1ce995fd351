import { basename } from 'node:path'
import { LoomError } from '#core/errors.ts'
import { type BaseFamily, baseFamilies } from '#core/families/families.ts'
import { openNetwork } from '../models/detect.ts'
import { buildVaeDecoder } from '../models/networks/vae.ts'
import { openSession } from '../prepared/open-session.ts'
import type { PreparedWeights } from '../prepared/prepared-weights.ts'
import type { Device } from '../runtime/devices.ts'
import type { NetworkSession } from '../runtime/session.ts'

interface Loading {
  readonly device: Device
  readonly verify: boolean
  readonly prepared?: PreparedWeights | undefined
  /** Real path of a file in the model folders. */
  resolve(file: string): Promise<string>
}

/** Tiny autoencoders in the model folders that decode previews. Each is loaded once. */
export class PreviewDecoders {
  readonly #sessions = new Map<string, NetworkSession>()

  /**
   * The decoder for latents of a family.
   * @throws LoomError `not-found` if the model folders have none; errors of opening and loading it
   */
  async of(family: BaseFamily, { resolve, ...options }: Loading): Promise<NetworkSession> {
    const path = await firstOf(baseFamilies[family].latents.tinyDecoders, resolve)
    const known = this.#sessions.get(path)
    if (known) return known
    const { vae } = await openNetwork(path, 'vae', family)
    if (!vae) throw new LoomError('mismatch', `${path} has no VAE.`)
    const name = `preview decoder of ${basename(path)}`
    const session = await openSession(name, buildVaeDecoder(vae), options)
    this.#sessions.set(path, session)
    return session
  }

  async close(): Promise<void> {
    for (const session of this.#sessions.values()) await session.release()
    this.#sessions.clear()
  }
}

async function firstOf(names: readonly [string, ...string[]], resolve: Loading['resolve']): Promise<string> {
  for (const name of names) {
    const path = await resolve(name).catch(() => undefined)
    if (path !== undefined) return path
  }
  throw new LoomError('not-found', `Previews cannot be decoded: no model folder has ${names[0]}.`, {
    hint: 'Put the file there (https://github.com/madebyollin/taesd), or have previews coloured in the settings.',
  })
}
