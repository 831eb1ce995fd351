import { crc32 } from '#core/formats/crc32.ts'
import type { JobSeed } from '#core/protocol/jobs.ts'
import { constantOf, isFed, own, type Workflow, type WorkflowNode } from '#core/workflow/document.ts'
import { graphsOf, type Level, nodeAt } from '../store/graph.ts'
import type { SeedRuns } from '../store/run-store.ts'
import { signatureIn } from '../store/signatures.ts'
import { inGraph, writeInput } from './edit.ts'

export type SeedControl = NonNullable<WorkflowNode['after']>[string]

/** Where a document has a seed. */
type SeedPlace = Pick<JobSeed, 'level' | 'node' | 'input'>

/** Seeds of a document at most that change from run to run. */
const maxSeeds = 1000

/**
 * The seed of the next run, from that of the last. 32 random bits, because ten digits are easier to share than twenty, and
 * the noise depends only on the low 32 bits. They come from the id of the last job, so that every page tells them
 * before they are used.
 */
const following: Record<SeedControl, (seed: bigint, job: string) => bigint> = {
  fixed: (seed) => seed,
  random: (_, job) => BigInt(crc32(new TextEncoder().encode(job))),
  increment: (seed) => stepSeed(seed, 1n),
  decrement: (seed) => stepSeed(seed, -1n),
}

/** A seed that nobody chose. */
export const randomSeed = (): bigint => BigInt(crypto.getRandomValues(new Uint32Array(1))[0] ?? 0)

/** A neighbour of a seed, in 64 bits. */
export const stepSeed = (seed: bigint, by: 1n | -1n): bigint => BigInt.asUintN(64, seed + by)

/**
 * What the next run draws with: the seed in the document if the user has set it since the last run, or else the one that
 * follows that of the last run. Undefined for a link or an invalid value.
 */
export function seedToRun(workflow: Workflow, place: SeedPlace, { sent, drawn }: SeedRuns): string | undefined {
  const value = seedAt(workflow, place)
  const last = seedOf(sent.seeds, place)
  if (value === undefined || last === undefined) return value
  const shown = drawn.job === sent.job ? [last.seed] : [last.before, seedOf(drawn.seeds, place)?.seed]
  const control = own(nodeAt(workflow, place.level, place.node)?.after ?? {}, place.input) ?? 'fixed'
  if (control === 'fixed' || !shown.includes(value)) return value
  return String(following[control](BigInt(last.seed), [sent.job, place.level, place.node, place.input].join(' ')))
}

/** All seeds of a document as the next run uses them, also in subgraphs. */
export function seedsToRun(workflow: Workflow, runs: SeedRuns): JobSeed[] {
  return seedPlaces(workflow).flatMap((place) => {
    const before = seedAt(workflow, place)
    const seed = seedToRun(workflow, place, runs)
    return before === undefined || seed === undefined ? [] : [{ ...place, before, seed }]
  })
}

/** Writes the seeds of a run into a draft of a workflow. */
export function writeSeeds(workflow: Workflow, seeds: readonly JobSeed[]) {
  const others = seeds.filter((run) => seedAt(workflow, run) !== run.seed)
  return (draft: Workflow): void => {
    for (const { level, node, input, seed } of others) {
      inGraph(level, (graph) => writeInput(graph, [{ node, input }, seed]))(draft)
    }
  }
}

/**
 * The seeds that a document has to show after a run has drawn: those of the run, but for any that the user has changed
 * since.
 * @param earlier the run that had drawn before
 */
export function seedsToShow(workflow: Workflow, drawn: readonly JobSeed[], earlier: readonly JobSeed[]): JobSeed[] {
  return drawn.filter((run) => {
    const value = seedAt(workflow, run)
    return value !== undefined && [run.before, seedOf(earlier, run)?.seed].includes(value)
  })
}

/** The place of an input. */
export const placeOf = (level: Level, node: string, input: string): SeedPlace => ({
  ...(level !== undefined && { level }),
  node,
  input,
})

function seedPlaces(workflow: Workflow): SeedPlace[] {
  const places = [...graphsOf(workflow)].flatMap(([level, { nodes }]) =>
    Object.entries(nodes).flatMap(([id, node]) =>
      Object.entries(signatureIn(workflow, node)?.inputs ?? {}).flatMap(([input, { type }]) =>
        type.kind === 'seed' ? [placeOf(level, id, input)] : [],
      ),
    ),
  )
  return places.slice(0, maxSeeds)
}

const seedOf = (seeds: readonly JobSeed[], { level, node, input }: SeedPlace): JobSeed | undefined =>
  seeds.find((seed) => seed.node === node && seed.input === input && seed.level === level)

/** The seed of an input, by default that of its port. Undefined for a link or an invalid value. */
function seedAt(workflow: Workflow, { level, node: id, input }: SeedPlace): string | undefined {
  const node = nodeAt(workflow, level, id)
  const value = node && own(node.inputs, input)
  if (node === undefined || isFed(value)) return undefined
  const port = own(signatureIn(workflow, node)?.inputs ?? {}, input)
  const seed = String(value === undefined ? (port?.default ?? '0') : constantOf(value))
  return /^\d{1,20}$/.test(seed) ? String(BigInt(seed)) : undefined
}
