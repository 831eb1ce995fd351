/**
 * `npm run bench:peers`: measures ours, OpenVINO, PyTorch and stable-diffusion.cpp in one sitting, in turn, on a random
 * checkpoint of SD1.5's size; then how ours grows with pixels, batch and steps. Writes bench/peers/results.json, the tables of
 * docs/performance.md and two pictures in docs/pictures. See the section in docs/performance.md.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { programFolder } from '#main/program.ts'
import { checkpoint } from '../files.ts'
import { randomCheckpoint, sd15Tensors } from '../random-checkpoint.ts'
import { growthPicture, peersPicture, tables } from './report.ts'
import type { Results } from './results.ts'
import { convertForOpenVino, measureFirstOpen, measureGrowth, measurePeers, type Setting } from './sitting.ts'
import { peersPython } from './venv.ts'

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '512' },
    rounds: { type: 'string', default: '3' },
    /** Without what takes no peers. */
    'no-growth': { type: 'boolean', default: false },
    /** Only install and convert. */
    prepare: { type: 'boolean', default: false },
    /** Write here instead of into the docs. */
    out: { type: 'string' },
  },
})

await randomCheckpoint(checkpoint, sd15Tensors())
const setting: Setting = {
  python: peersPython(),
  size: Number(values.size),
  rounds: Number(values.rounds),
  tell: (text) => process.stderr.write(`${new Date().toLocaleTimeString('en-GB')}  ${text}\n`),
}
convertForOpenVino(setting)
if (!values.prepare) await sit()

async function sit(): Promise<void> {
  const firstOpen = await measureFirstOpen(setting)
  setting.tell(`our first session of all: ${firstOpen.toFixed(2)} s`)
  const results: Results = {
    date: new Date().toISOString().slice(0, 10),
    machine: { processor: cpus()[0]?.model ?? 'unknown', cores: cpus().length, memory: totalmem() },
    size: setting.size,
    rounds: setting.rounds,
    firstOpen,
    peers: await measurePeers(setting),
    ...(!values['no-growth'] && { growth: await measureGrowth(setting) }),
  }
  process.stdout.write(`${tables(results)}\n`)
  if (values.out === undefined) {
    const page = join(programFolder, 'docs', 'performance.md')
    write(results, join(programFolder, 'bench', 'peers'), join(programFolder, 'docs', 'pictures'))
    writeFileSync(page, withTables(readFileSync(page, 'utf8'), tables(results)))
  } else write(results, values.out, values.out)
}

function write(results: Results, folder: string, pictures: string): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'results.json'), `${JSON.stringify(results, undefined, 2)}\n`)
  writeFileSync(join(pictures, 'benchmark.svg'), peersPicture(results))
  if (results.growth) writeFileSync(join(pictures, 'growth.svg'), growthPicture(results, results.growth))
}

/** The page with other tables between its marks. */
function withTables(page: string, text: string): string {
  const [begin, end] = ['<!-- bench:peers -->', '<!-- /bench:peers -->']
  const [before, rest = ''] = page.split(begin)
  const [, after] = rest.split(end)
  if (after === undefined) throw new Error(`docs/performance.md lacks ${begin} and ${end}.`)
  return `${before}${begin}\n${text}\n${end}${after}`
}
