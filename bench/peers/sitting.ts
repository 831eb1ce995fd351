import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { PreparedStore } from '#engine/prepared/store.ts'
import { engineEnvironment } from '#main/host/environment.ts'
import { cached, checkpoint, preparedWeights } from '../files.ts'
import { PeerProcess } from './peer-process.ts'
import { type Growth, type PeerName, type PeerResult, peerNames } from './results.ts'

export interface Setting {
  /** Of the virtual environment with the peers. */
  readonly python: string
  /** Pixels of a side. */
  readonly size: number
  /** Rounds that count. */
  readonly rounds: number
  /** Says what is done. */
  tell(text: string): void
}

const stepsOfRound = 2
const path = (file: string) => fileURLToPath(new URL(file, import.meta.url))
const converted = cached('peers')
/** The program of each peer, and the model that it opens. */
const programs: Readonly<Record<PeerName, readonly [program: string, model: string]>> = {
  ours: [path('ours.ts'), checkpoint],
  openvino: [path('openvino_peer.py'), converted],
  pytorch: [path('pytorch_peer.py'), checkpoint],
  sdcpp: [path('sd_cpp_peer.py'), checkpoint],
}

function start(name: PeerName, { python, size }: Setting): PeerProcess {
  const args = [...programs[name], String(size), String(cpus().length)]
  return name === 'ours'
    ? new PeerProcess(peerNames[name], [process.execPath, ...args], engineEnvironment())
    : new PeerProcess(peerNames[name], [python, ...args])
}

/** Runs `work` with a process of ours. */
async function withOurs<T>(setting: Setting, work: (ours: PeerProcess) => Promise<T>): Promise<T> {
  const ours = start('ours', setting)
  try {
    return await work(ours)
  } finally {
    await ours.end()
  }
}

/** Converts the networks for OpenVINO, unless they are. It takes minutes and 8 GB, and is no part of the sitting. */
export function convertForOpenVino({ python, size }: Setting): void {
  const args = [path('openvino_convert.py'), checkpoint, String(size), String(cpus().length), converted]
  execFileSync(python, args, { stdio: ['ignore', 'ignore', 'inherit'] })
}

/**
 * Seconds of our first session of the UNet, which prepares its weights.
 * @throws Error if they could not be kept, because later sessions would not be what is to be measured
 */
export async function measureFirstOpen(setting: Setting): Promise<number> {
  rmSync(preparedWeights, { recursive: true, force: true })
  const { seconds } = await withOurs(setting, (ours) => ours.ask('open', {}))
  const { entries, slow } = await new PreparedStore(preparedWeights).state()
  if (entries.length > 0) return seconds
  throw new Error(
    `The weights were not kept: ${slow ? 'the disk is busy' : 'they take 5 GB, a third of the free disk'}.`,
  )
}

/** All peers, each in a process that lives through the sitting, in turn. */
export async function measurePeers(setting: Setting): Promise<Readonly<Record<PeerName, PeerResult>>> {
  const processes = forPeers((name) => start(name, setting))
  const results = forPeers((): Measuring => ({ version: '', open: 0, steps: [], decodes: [], peak: 0, anonymous: 0 }))
  const names = Object.keys(peerNames) as PeerName[]
  try {
    for (const name of names) {
      const { version } = await processes[name].ask('version', {})
      const { seconds } = await processes[name].ask('open', {})
      setting.tell(`${peerNames[name]} ${version} opened the UNet in ${seconds.toFixed(2)} s`)
      Object.assign(results[name], { version, open: seconds })
    }
    for (let round = 0; round <= setting.rounds; round++) {
      for (const name of names) {
        // one round of it takes as long as several of the others
        if (name === 'sdcpp' && round !== 1) continue
        await measureRound(name, processes[name], round, results, setting)
      }
    }
    return results
  } finally {
    for (const process of Object.values(processes)) await process.end()
  }
}

function forPeers<T>(make: (name: PeerName) => T): Record<PeerName, T> {
  return { ours: make('ours'), openvino: make('openvino'), pytorch: make('pytorch'), sdcpp: make('sdcpp') }
}

interface Measuring extends PeerResult {
  readonly steps: number[]
  readonly decodes: number[]
  sample?: readonly number[]
}

async function measureRound(
  name: PeerName,
  peer: PeerProcess,
  round: number,
  results: Record<PeerName, Measuring>,
  { tell }: Setting,
): Promise<void> {
  // the first step of a process allocates its memory
  const isFirst = results[name].sample === undefined
  const { seconds, sample, peak, anonymous } = await peer.ask('step', { count: stepsOfRound + (isFirst ? 1 : 0) })
  if (isFirst) Object.assign(results[name], { peak, anonymous, sample, ...differences(sample, results.ours.sample) })
  const { seconds: decode } = await peer.ask('decode', {})
  const steps = isFirst ? seconds.slice(1) : seconds
  tell(
    `round ${round}: ${peerNames[name]}, steps ${steps.map((s) => s.toFixed(2)).join(' ')}, decode ${decode.toFixed(2)}`,
  )
  if (round === 0) return
  results[name].steps.push(...steps)
  results[name].decodes.push(decode)
}

/** None for ours, and where the noise is the peer's own. */
function differences(sample: readonly number[], ours: readonly number[] | undefined): Pick<PeerResult, 'difference'> {
  if (!ours || sample.length === 0) return {}
  return { difference: Math.max(...sample.map((value, index) => Math.abs(value - (ours[index] ?? Number.NaN)))) }
}

/** Ours alone, where the work grows. Each time is the shorter one of two, because the first allocates memory. */
export function measureGrowth(setting: Setting): Promise<Growth> {
  const { size: usual, tell } = setting
  return withOurs(setting, async (ours) => {
    const size: Growth['size'][number][] = []
    for (const pixels of [usual / 2, (3 * usual) / 4, usual, 1.5 * usual, 2 * usual]) {
      const { seconds } = await ours.ask('step', { count: 2, size: pixels })
      const decodes = [await ours.ask('decode', { size: pixels }), await ours.ask('decode', { size: pixels })]
      size.push({ pixels, step: Math.min(...seconds), decode: Math.min(...decodes.map((decode) => decode.seconds)) })
      tell(`${pixels} pixels: ${JSON.stringify(size.at(-1))}`)
    }
    const batch: Growth['batch'][number][] = []
    for (const latents of [1, 2, 4, 8]) {
      const { seconds } = await ours.ask('step', { count: 2, batch: latents })
      batch.push({ latents, step: Math.min(...seconds) })
      tell(`batch of ${latents}: ${JSON.stringify(batch.at(-1))}`)
    }
    const steps: Growth['steps'][number][] = []
    for (const count of [1, 2, 4, 8]) {
      const { seconds } = await ours.ask('step', { count })
      const decode = await ours.ask('decode', {})
      steps.push({ steps: count, picture: seconds.reduce((sum, step) => sum + step, decode.seconds) })
      tell(`${count} steps: ${JSON.stringify(steps.at(-1))}`)
    }
    return { size, batch, steps }
  })
}
