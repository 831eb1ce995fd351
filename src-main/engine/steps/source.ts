import { LoomError } from '#core/errors.ts'
import type { Network } from '../models/checkpoint.ts'
import type { SessionValue } from '../runtime/values.ts'

/** The value that a session is made from. */
export type SessionSource = SessionValue['of']

/** @throws LoomError `internal` if the session was made from another kind of value */
export function asKind<K extends SessionSource['kind']>(
  of: SessionSource,
  kind: K,
): Extract<SessionSource, { kind: K }> {
  if (isKind(of, kind)) return of
  throw new LoomError('internal', `A session of a ${kind} was asked for, but a ${of.kind} was given.`)
}

function isKind<K extends SessionSource['kind']>(
  of: SessionSource,
  kind: K,
): of is Extract<SessionSource, { kind: K }> {
  return of.kind === kind
}

/** The source without the changes that adapters make; undefined if there are none. */
export function withoutAdapters(of: SessionSource): SessionSource | undefined {
  const networks = of.kind === 'clip' ? [of.textEncoder, of.textEncoder2] : [of.network]
  if (networks.every((network) => (network?.weights.deltas.size ?? 0) === 0)) return undefined
  if (of.kind === 'model') return { ...of, network: plain(of.network) }
  if (of.kind === 'vae') return { ...of, network: plain(of.network) }
  const { textEncoder, textEncoder2 } = of
  return {
    ...of,
    ...(textEncoder && { textEncoder: plain(textEncoder) }),
    ...(textEncoder2 && { textEncoder2: plain(textEncoder2) }),
  }
}

function plain<Config>({ config, weights }: Network<Config>): Network<Config> {
  return { config, weights: { ...weights, deltas: new Map() } }
}
