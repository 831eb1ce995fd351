import type { ModelFile } from '#core/protocol/routes.ts'
import type { Kind } from '#core/types/types.ts'
import type { Workflow } from '#core/workflow/document.ts'
import type { NodeType } from '#core/workflow/node-type.ts'
import { instanceType, type Signature, subgraphOf } from '#core/workflow/subgraphs.ts'
import { catalogue } from '#nodes/catalogue.ts'
import { nodeForFile } from '../../commands/node-for-file.ts'
import type { Level } from '../../store/graph.ts'
import { subgraphsIn } from '../../store/signatures.ts'
import { t } from '../../strings/t.ts'
import type { Addition } from '../view/place.ts'
import { keywords } from './keywords.ts'

/** Something that can be added to the canvas. */
export interface SearchEntry {
  /** Stable, because the list of recent entries stores it. */
  readonly id: string
  readonly title: string
  readonly category: string
  readonly description: string
  readonly keywords: readonly string[]
  /** Undefined without ports. */
  readonly signature: Signature | undefined
  readonly adds: Addition
}

/** All entries for a level in the order of menus, except model files. */
export function entriesOf(workflow: Workflow, level: Level): SearchEntry[] {
  return [...[...catalogue.values()].map(nodeEntry), ...subgraphEntries(workflow, level), ...plainEntries()]
}

const nodeEntry = (node: NodeType): SearchEntry => ({
  id: node.type,
  title: node.title,
  category: capitalised(node.category),
  description: node.description,
  keywords: keywords[node.type] ?? [],
  signature: node,
  adds: { type: node.type },
})

/** The document's subgraphs, except those that contain the level, because they would contain themselves. */
function subgraphEntries(workflow: Workflow, level: Level): SearchEntry[] {
  const definitions = Object.entries(workflow.subgraphs ?? {})
  return definitions.flatMap(([id, { name, description }]) => {
    if (level !== undefined && holds(workflow, id, level)) return []
    const type = instanceType(id)
    const signature = subgraphsIn(workflow).signatureOf({ type, version: 1, at: [0, 0], inputs: {} })
    const title = name ?? id
    const words = description ?? t('canvas.search.subgraphDescription')
    const category = t('canvas.search.subgraphs')
    return [{ id: type, title, category, description: words, keywords: [], signature, adds: { type } }]
  })
}

/** Whether a subgraph is another one or contains it at any depth. */
function holds(workflow: Workflow, outer: string, inner: string, seen = new Set<string>()): boolean {
  if (outer === inner) return true
  if (seen.has(outer)) return false
  seen.add(outer)
  return Object.values(workflow.subgraphs?.[outer]?.nodes ?? {}).some(({ type }) => {
    const id = subgraphOf(type)
    return id !== undefined && holds(workflow, id, inner, seen)
  })
}

const plainEntries = (): SearchEntry[] =>
  (['note', 'frame'] as const).map((kind) => ({
    id: kind,
    title: t(`commands.${kind}`),
    category: t('canvas.search.canvas'),
    description: t(`canvas.search.${kind}Description`),
    keywords: keywords[kind] ?? [],
    signature: undefined,
    adds: kind,
  }))

/** Entries for model files: the nodes that load them. */
export const modelEntries = (models: readonly ModelFile[]): SearchEntry[] =>
  models.flatMap((file) => {
    const { id, name, summary, error } = file
    const adds = error === undefined ? nodeForFile(file) : undefined
    const node = adds && catalogue.get(adds.type)
    if (!node) return []
    const title = t('canvas.search.model', { kind: node.title, name: name.replace(/\.safetensors$/, '') })
    const category = t('canvas.search.models')
    return [{ id: `model:${id}`, title, category, description: summary, keywords: [], signature: node, adds }]
  })

/** The distinct kinds of an entry's linked inputs or outputs. */
export function kindsOf({ signature }: SearchEntry, side: 'inputs' | 'outputs'): readonly Kind[] {
  const ports = Object.values(signature?.[side] ?? {})
  return [...new Set(ports.map(({ type }) => type.kind).filter((kind) => !typed.has(kind)))]
}

/** Kinds that are usually typed rather than linked. */
const typed: ReadonlySet<Kind> = new Set(['int', 'float', 'text', 'seed', 'choice', 'file', 'unknown'])

const capitalised = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)
