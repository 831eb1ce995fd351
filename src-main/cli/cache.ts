import { type Entry, PreparedStore, type StoreState } from '#engine/prepared/store.ts'
import { preparedFolder } from '../host/paths.ts'
import { wrong } from './arguments.ts'
import { defineCommand, exitCode } from './command.ts'
import { printable, printJson, printResult } from './output.ts'

export const cache = defineCommand({
  summary: 'See, limit or clear the weights that are kept ready for sessions',
  details: `Sessions map these files instead of computing weights from the checkpoint every time. All of them can be removed.
LATENT_LOOM_PREPARED names another folder, such as one on a faster drive; LATENT_LOOM_PREPARED=off does without.`,
  operands: [],
  flags: {
    limit: { kind: 'text', value: 'SIZE|auto', help: 'Keep at most so much, as in 20GB; 0 for nothing; auto for 30 %' },
    check: { kind: 'switch', help: 'Read every file again and remove those that have changed' },
    clear: { kind: 'switch', help: 'Remove every file' },
    json: { kind: 'switch', help: 'Print JSON' },
  },
  async execute({ values: { limit, check, clear, json } }) {
    const folder = preparedFolder()
    if (folder === undefined) throw wrong('LATENT_LOOM_PREPARED is off.', 'Unset it to use the cache.')
    const store = new PreparedStore(folder)
    if (clear) await store.clear()
    if (limit !== undefined) await store.setLimit(sizeOf(limit))
    const broken: Entry[] = []
    if (check) for await (const { entry, whole } of store.check()) if (!whole) broken.push(entry)
    const state = await store.state()
    if (json) printJson({ ...state, ...(check && { broken }) })
    else for (const line of lines(state, check ? broken : undefined)) printResult(printable(line))
    return exitCode.done
  },
})

const units: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 }

/** @throws LoomError `usage` */
function sizeOf(text: string): number | undefined {
  if (text === 'auto') return undefined
  const [, number = '', prefix = ''] = /^(\d+(?:\.\d+)?)\s*([kmgt]?)b?$/i.exec(text) ?? []
  const unit = units[prefix.toLowerCase()]
  if (number === '' || unit === undefined) throw wrong(`--limit ${text} is no size.`, 'Write 20GB, 500MB, 0 or auto.')
  return Math.round(Number(number) * unit)
}

function lines({ folder, entries, bytes, limit, chosen, slow }: StoreState, broken?: readonly Entry[]): string[] {
  const of = chosen ? gigabytes(limit) : `${gigabytes(limit)}, 30 % of the free disk`
  return [
    `${folder}: ${gigabytes(bytes)} of ${of}`,
    ...(slow ? ['Nothing is added, because this disk is slower than computing the weights; --clear tries again.'] : []),
    ...entries
      .toReversed()
      .map(
        ({ of, bytes, used }) =>
          `  ${gigabytes(bytes).padStart(9)}  ${new Date(used).toISOString().slice(0, 10)}  ${of}`,
      ),
    ...(broken?.map(({ of }) => `Removed, because it had changed: ${of}`) ?? []),
    ...(broken?.length === 0 ? ['All files are as they were written.'] : []),
  ]
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`
