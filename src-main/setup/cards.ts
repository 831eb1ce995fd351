import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** A graphics card of NVIDIA's. */
export interface Card {
  readonly name: string
  /** Version of its driver: `580.65.06`. */
  readonly driver: string
  /** 7.5 for Turing. */
  readonly computeCapability: number
}

/** Milliseconds that the driver may take to answer. */
const patience = 20_000

/** The cards that the driver's own program lists, which comes with every driver; none if it is not there or fails. */
export async function listCards(): Promise<Card[]> {
  const query = ['--query-gpu=name,driver_version,compute_cap', '--format=csv,noheader']
  try {
    const { stdout } = await promisify(execFile)('nvidia-smi', query, { timeout: patience, windowsHide: true })
    return readCards(stdout)
  } catch {
    return []
  }
}

/** @param text a line for each card, of name, driver and compute capability */
export function readCards(text: string): Card[] {
  return text.split('\n').flatMap((line) => {
    const [, name = '', driver = '', capability] = /^(.+), *([\d.]+), *(\d+\.\d+)\s*$/.exec(line) ?? []
    return capability === undefined ? [] : [{ name, driver, computeCapability: Number(capability) }]
  })
}

export type CudaVersion = '12' | '13'

interface Needs {
  /** The first major version of the driver that knows this CUDA. */
  readonly driver: number
  /** The oldest cards that it computes on. */
  readonly computeCapability: number
}

/** The newest first. Sources: CUDA's release notes (table of drivers, and the architectures that 13.0 removed). */
const needs: Readonly<Record<CudaVersion, Needs>> = {
  13: { driver: 580, computeCapability: 7.5 },
  12: { driver: 525, computeCapability: 5.0 },
}
const newestFirst = ['13', '12'] as const satisfies readonly CudaVersion[]

/** The version of CUDA for this machine, or why there is none, as a sentence. */
export type CudaChoice = { readonly cuda: CudaVersion } | { readonly none: string }

/**
 * The newest CUDA that the driver knows and that all cards compute with; if none does for all, the newest for any card.
 * @param offered the versions that there are libraries of, for this platform
 */
export function chooseCuda(cards: readonly Card[], offered: readonly CudaVersion[]): CudaChoice {
  const [first] = cards
  if (!first) return { none: 'No graphics card of NVIDIA was found: its driver has to be installed first.' }
  const versions = newestFirst.filter((cuda) => offered.includes(cuda))
  const fits = (cuda: CudaVersion) => (card: Card) =>
    Number.parseInt(card.driver, 10) >= needs[cuda].driver && card.computeCapability >= needs[cuda].computeCapability
  const cuda =
    versions.find((version) => cards.every(fits(version))) ?? versions.find((version) => cards.some(fits(version)))
  if (cuda !== undefined) return { cuda }
  const lowest = needs[versions.at(-1) ?? '12']
  return {
    none: `${first.name} with driver ${first.driver} is not enough: it takes driver ${lowest.driver} or newer, and a card of compute capability ${lowest.computeCapability.toFixed(1)} or newer.`,
  }
}
