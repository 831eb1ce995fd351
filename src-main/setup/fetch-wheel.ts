import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { cancelled, LoomError } from '#core/errors.ts'
import { osError } from '#engine/files/os-error.ts'
import { type IndexFile, indexHeaders, readIndex } from './package-index.ts'
import type { Wheel } from './wheel.ts'

/** How a wheel is fetched. */
export interface Fetching {
  /** Address of the index (PEP 691), without a slash at its end. */
  readonly index: string
  /** The folder for downloads. What is there already is continued. */
  readonly folder: string
  readonly signal: AbortSignal
  /** Told of the bytes of this wheel that are there. */
  readonly arrived: (bytes: number) => void
  /** Milliseconds without a byte after which a connection counts as broken. */
  readonly silence?: number
  /** Milliseconds before the first attempt to go on after a break; doubles with each that brings nothing. */
  readonly pause?: number
}

/** Attempts in a row that bring nothing, after which the network is given up. */
const attempts = 5
const usualSilence = 60_000
const usualPause = 1_000

/** The network, or the server, has failed for now. */
class Broken extends Error {}

/**
 * Fetches a wheel, or the rest of it, and compares its SHA-256.
 * @returns the path of the file
 * @throws LoomError `io` if the network or the disk fails, `mismatch` for other bytes than expected, `not-found`, `cancelled`
 */
export async function fetchWheel(wheel: Wheel, fetching: Fetching): Promise<string> {
  const path = partOf(fetching.folder, wheel)
  const url = await addressOf(wheel, fetching)
  // what was there before may have been damaged, and is given a second chance
  const continued = (await sizeOf(path)) > 0
  await download(url, path, wheel, fetching)
  if ((await sha256(path, fetching.signal)) === wheel.sha256) return path
  await rm(path, { force: true })
  if (continued) return fetchWheel(wheel, fetching)
  throw new LoomError(
    'mismatch',
    `${wheel.file} from ${hostOf(url)} is not the file that was expected: its SHA-256 differs.`,
    {
      hint: 'It was removed. Something on the way changes files: try another network, or LATENT_LOOM_PYPI with another index.',
    },
  )
}

/** The file that a download goes into. */
export const partOf = (folder: string, { file }: Wheel): string => join(folder, `${file}.part`)

/** Bytes of a file; 0 if there is none. */
export async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0
}

/** Where the index has the file. */
async function addressOf({ project, file, sha256: expected }: Wheel, fetching: Fetching): Promise<string> {
  const url = `${fetching.index}/${project}/`
  const found = await persist(fetching, url, async (progress) => {
    const response = await request(url, { headers: indexHeaders, signal: fetching.signal })
    const text = await response.text()
    progress()
    return entryOf(text, url, file)
  })
  if (found === undefined) {
    throw new LoomError('not-found', `The index at ${hostOf(url)} does not list ${file}.`, {
      hint: 'Name another index with LATENT_LOOM_PYPI, or update Latent Loom.',
    })
  }
  if (found.sha256 !== expected) {
    throw new LoomError('mismatch', `The index at ${hostOf(url)} lists another file as ${file}: its SHA-256 differs.`, {
      hint: 'Do not use that index. LATENT_LOOM_PYPI names another.',
    })
  }
  return found.url
}

function entryOf(text: string, url: string, file: string): IndexFile | undefined {
  try {
    return readIndex(text, url).find(({ name }) => name === file)
  } catch (cause) {
    throw new LoomError('parse', `What ${hostOf(url)} answers is no index of packages.`, {
      hint: 'A network may ask for a login first: open any page in a browser. LATENT_LOOM_PYPI may name the wrong address.',
      cause,
    })
  }
}

/** Fetches what the file lacks, in as many pieces as the network makes of it. */
async function download(url: string, path: string, { bytes }: Wheel, fetching: Fetching): Promise<void> {
  await persist(fetching, url, async (progress) => {
    const from = await sizeOf(path)
    if (from === bytes) return
    // more than it should be: it is no part of it
    const start = from > bytes ? 0 : from
    const silent = new AbortController()
    const limit = setTimeout(() => silent.abort(), fetching.silence ?? usualSilence)
    try {
      const signal = AbortSignal.any([fetching.signal, silent.signal])
      const response = await request(url, { headers: start > 0 ? { range: `bytes=${start}-` } : {}, signal })
      // a server without ranges sends it all
      const begin = response.status === 206 ? start : 0
      await append(response, path, begin, (size) => {
        limit.refresh()
        if (size > bytes) throw new LoomError('mismatch', `${hostOf(url)} sends more than the file has.`)
        progress()
        fetching.arrived(size)
      })
    } finally {
      clearTimeout(limit)
    }
    if ((await sizeOf(path)) !== bytes) throw new Broken('the connection ended early')
  })
}

/** Writes a body into a file from `begin` on, and cuts off what was there. */
async function append({ body }: Response, path: string, begin: number, arrived: (size: number) => void): Promise<void> {
  const file = await open(path, begin > 0 ? 'r+' : 'w').catch((error: unknown) => {
    throw osError(error, 'write', path)
  })
  try {
    await file.truncate(begin)
    let size = begin
    for await (const chunk of body ?? []) {
      await file.write(chunk, 0, chunk.length, size).catch((error: unknown) => {
        throw osError(error, 'write', path)
      })
      size += chunk.length
      arrived(size)
    }
  } finally {
    await file.close()
  }
}

/** A request that was answered well. Throws Broken for what may pass, and LoomError for what stays. */
async function request(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init)
  if (response.ok) return response
  await response.body?.cancel()
  if (response.status >= 500 || response.status === 408 || response.status === 429) {
    throw new Broken(`it answers ${response.status}`)
  }
  throw new LoomError(
    'not-found',
    `${hostOf(url)} does not give ${new URL(url).pathname}: it answers ${response.status}.`,
    {
      hint: 'LATENT_LOOM_PYPI names another index.',
    },
  )
}

/**
 * Tries until `act` ends, or brings nothing `attempts` times in a row.
 * @param act calls `progress` whenever something arrived
 */
async function persist<T>(fetching: Fetching, url: string, act: (progress: () => void) => Promise<T>): Promise<T> {
  const { signal, pause = usualPause } = fetching
  for (let failures = 0; ; ) {
    try {
      return await act(() => {
        failures = 0
      })
    } catch (error) {
      if (signal.aborted) throw cancelled()
      if (error instanceof LoomError) throw error
      if (++failures >= attempts) throw unreachable(url, error)
      await sleep(pause * 2 ** (failures - 1), undefined, { signal }).catch(() => {
        throw cancelled()
      })
    }
  }
}

function unreachable(url: string, error: unknown): LoomError {
  return new LoomError('io', `Cannot fetch from ${hostOf(url)}: ${reasonOf(error)}.`, {
    hint: 'What has arrived stays: check the network and start again, and it goes on there. Behind a proxy, set NODE_USE_ENV_PROXY=1 and HTTPS_PROXY.',
    cause: error,
  })
}

/** `fetch` says "fetch failed" and hides the reason in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'AbortError') return 'nothing came for a minute'
  const { cause } = error
  if (cause instanceof Error && 'code' in cause)
    return `${cause.code}${cause.message === '' ? '' : `, ${cause.message}`}`
  return cause instanceof Error ? cause.message : error.message
}

const hostOf = (url: string): string => new URL(url).host

async function sha256(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20, signal })) hash.update(chunk)
  } catch (error) {
    throw signal.aborted ? cancelled() : osError(error, 'read', path)
  }
  return hash.digest('hex')
}
