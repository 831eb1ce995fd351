import { createInterface } from 'node:readline/promises'
import { cudaFolder } from '../host/paths.ts'
import { type CudaVersion, chooseCuda, listCards } from '../setup/cards.ts'
import { type CudaProgress, CudaSetup, type CudaState, offeredCuda } from '../setup/cuda-setup.ts'
import { licenceOf } from '../setup/wheel.ts'
import { unknown, wrong } from './arguments.ts'
import { defineCommand, exitCode } from './command.ts'
import { interrupts } from './ending.ts'
import { printable, printJson, printNote, printResult } from './output.ts'

export const setup = defineCommand({
  summary: 'Fetch what a device needs, or remove it',
  details: `WHAT is cuda: ONNX Runtime for CUDA and NVIDIA's libraries, so that only the card's driver has to be installed.
All that will be fetched is listed first, with sizes, licences and checksums. Broken off, it goes on where it ended.
LATENT_LOOM_PYPI names another package index than https://pypi.org/simple.`,
  operands: ['WHAT'],
  flags: {
    yes: { kind: 'switch', short: 'y', help: 'Accept the licences and fetch without a question' },
    cuda: {
      kind: 'text',
      value: '12|13',
      help: 'The version of CUDA, instead of the one that the card and driver take',
    },
    list: { kind: 'switch', help: 'Only say what is there and what would be fetched' },
    remove: { kind: 'switch', help: 'Remove what was fetched' },
    json: { kind: 'switch', help: 'Print JSON' },
  },
  async execute({ values, operands: [what = ''] }) {
    if (what !== 'cuda') throw unknown('setup', what, ['cuda'])
    const libraries = new CudaSetup(cudaFolder)
    if (values.remove) {
      await libraries.remove()
      if (values.json) printJson({ removed: cudaFolder })
      else printNote(`Removed what was fetched into ${printable(cudaFolder)}.`)
      return exitCode.done
    }
    const state = await libraries.state(await versionOf(values.cuda))
    if (values.json) printJson({ ...state, index: libraries.index })
    else for (const line of listing(state, libraries.index)) printResult(printable(line))
    if (values.list || state.isReady) return exitCode.done
    if (!values.yes && !(await accepts(state))) return exitCode.failed
    const ready = await withInterrupt((signal) => libraries.fetch(state.cuda, signal, progressLine()))
    if (values.json) printJson(ready)
    else printNote('\nDone. `latent-loom doctor` tells whether the device is found.')
    return exitCode.done
  },
})

async function versionOf(given: string | undefined): Promise<CudaVersion> {
  if (offeredCuda.length === 0) {
    throw wrong(`There are no CUDA libraries for ${process.platform} ${process.arch}.`, 'See `latent-loom doctor`.')
  }
  const asked = offeredCuda.find((version) => version === given)
  if (asked !== undefined) return asked
  if (given !== undefined) throw wrong(`--cuda ${given} is not offered here.`, `There are: ${offeredCuda.join(', ')}.`)
  const choice = chooseCuda(await listCards(), offeredCuda)
  if ('cuda' in choice) return choice.cuda
  throw wrong(choice.none, `To fetch all the same, name the version: --cuda ${offeredCuda[0]}.`)
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`

function listing({ folder, cuda, wheels, missing, space, isReady }: CudaState, index: string): string[] {
  const width = Math.max(...wheels.map(({ project, version }) => project.length + version.length + 1))
  const rows = wheels.flatMap((wheel) => {
    const { project, version, bytes, arrived, isThere, sha256 } = wheel
    const state = isThere ? 'there' : arrived > 0 ? `${Math.floor((100 * arrived) / bytes)} % there` : ''
    return [
      `  ${`${project} ${version}`.padEnd(width)}  ${gigabytes(bytes)}  ${licenceOf(wheel).name}  ${state}`.trimEnd(),
      `    sha256 ${sha256}`,
    ]
  })
  const licences = new Map(wheels.map((wheel) => [licenceOf(wheel).name, licenceOf(wheel).url]))
  return [
    `CUDA ${cuda}, into ${folder}`,
    ...rows,
    ...[...licences].map(([name, url]) => `  ${name}: ${url}`),
    isReady
      ? 'All of it is there.'
      : `To be fetched from ${index}: ${gigabytes(missing)}. It takes ${gigabytes(space)} of the drive at most.`,
  ]
}

/** @throws LoomError `usage` where nobody can be asked */
async function accepts({ missing }: CudaState): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw wrong('Nothing was fetched, because nobody was there to accept the licences.', 'Read the list and add --yes.')
  }
  const asking = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await asking.question(`Fetch ${gigabytes(missing)} and accept these licences? [y/N] `)
  asking.close()
  return /^y(es)?$/i.test(answer.trim())
}

/** One line that is redrawn on a terminal; elsewhere a line for each file. */
function progressLine(): (progress: CudaProgress) => void {
  const names = { download: 'Fetching', unpack: 'Unpacking' } as const
  let last = ''
  return ({ file, part, arrived, total }) => {
    const amount = `${gigabytes(arrived)} of ${gigabytes(total)}`
    if (process.stderr.isTTY) {
      const line = `${names[part]} ${file.split('-')[0]}: ${amount}`
      if (line !== last) process.stderr.write(`\r\u001b[2K${line}`)
      last = line
      return
    }
    const line = `${names[part]} ${file}`
    if (line !== last) printNote(line)
    last = line
  }
}

/** Ctrl-C ends the work in good order: what has arrived stays. */
async function withInterrupt<T>(use: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const interrupt = () => controller.abort()
  for (const name of interrupts) process.once(name, interrupt)
  try {
    return await use(controller.signal)
  } finally {
    for (const name of interrupts) process.off(name, interrupt)
  }
}
