import { constantOf, isLink, isOuter, own, type Workflow, type WorkflowNode } from '#core/workflow/document.ts'
import type { Command } from '../store/command.ts'
import { graphsOf } from '../store/graph.ts'
import { t } from '../strings/t.ts'
import { inGraph, writeInput } from './edit.ts'

export type SeedControl = NonNullable<WorkflowNode['after']>[string]

export const nextSeed: Record<SeedControl, (seed: bigint) => bigint> = {
  fixed: (seed) => seed,
  // 32 bits, because ten digits are easier to share than twenty, and the noise depends only on the low 32 bits
  random: () => BigInt(crypto.getRandomValues(new Uint32Array(1))[0] ?? 0),
  increment: (seed) => BigInt.asUintN(64, seed + 1n),
  decrement: (seed) => BigInt.asUintN(64, seed - 1n),
}

/** Changes all seeds after a run as their nodes demand, also in subgraphs. Undefined if none changes. */
export function advanceSeeds(workflow: Workflow): Command | undefined {
  const edits = [...graphsOf(workflow)].flatMap(([level, { nodes }]) =>
    Object.entries(nodes).flatMap(([id, node]) =>
      Object.entries(node.after ?? {}).flatMap(([input, control]) => {
        const seed = seedIn(node, input)
        if (seed === undefined || control === 'fixed') return []
        return [{ level, end: { node: id, input }, value: String(nextSeed[control](seed)) }]
      }),
    ),
  )
  if (edits.length === 0) return undefined
  return {
    label: t('commands.advanceSeeds', { count: edits.length }),
    apply: (draft) => {
      for (const { level, end, value } of edits) inGraph(level, (graph) => writeInput(graph, [end, value]))(draft)
    },
  }
}

/** The seed of an input; 0 if unset. Undefined for a link or an invalid value. */
function seedIn({ inputs }: WorkflowNode, input: string): bigint | undefined {
  const value = own(inputs, input)
  if (value === undefined) return 0n
  if (isLink(value) || isOuter(value)) return undefined
  const seed = constantOf(value)
  return /^\d{1,20}$/.test(String(seed)) ? BigInt(String(seed)) : undefined
}
