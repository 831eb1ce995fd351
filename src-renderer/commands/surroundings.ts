import type { Type } from '#core/types/types.ts'
import { isLink, own, type Workflow, type WorkflowNode } from '#core/workflow/document.ts'
import { catalogue } from '#nodes/catalogue.ts'
import { graphAt, type Level, nodeAt, type Point } from '../store/graph.ts'

/** What commands need to know beyond the document. */
export interface Surroundings {
  /** The inferred output types of a node of the level, if any. */
  types(node: string): Readonly<Record<string, Type>> | undefined
  /** A free place for a new node, near the wanted one. */
  spotFor(node: Pick<WorkflowNode, 'type' | 'inputs'>, wanted: Point): Point
}

/**
 * The inputs of a new node that suit the model: the size of an Empty Latent. Empty if the defaults suit, or if the model
 * is unknown or one of several.
 * @param near a node whose model counts alone, if it has one
 */
export function suitedInputs(
  workflow: Workflow,
  level: Level,
  type: string,
  { types }: Pick<Surroundings, 'types'>,
  near?: string,
): WorkflowNode['inputs'] {
  const ports = Object.entries(catalogue.get(type)?.inputs ?? {}).filter(([, { suits }]) => suits !== undefined)
  if (ports.length === 0) return {}
  const nodes = Object.keys(graphAt(workflow, level)?.nodes ?? {})
  const ofNear = sizesOf(linkedTypes(near === undefined ? undefined : nodeAt(workflow, level, near), types))
  const sizes = ofNear.size > 0 ? ofNear : sizesOf(nodes.flatMap((id) => Object.values(types(id) ?? {})))
  const [size] = sizes
  if (size === undefined || sizes.size > 1) return {}
  return Object.fromEntries(ports.filter(([, port]) => port.default !== size).map(([name]) => [name, size]))
}

/** The types of the links into a node. */
function linkedTypes(node: WorkflowNode | undefined, types: Surroundings['types']): Type[] {
  return Object.values(node?.inputs ?? {}).flatMap((value) => {
    const type = isLink(value) ? own(types(value.link[0]) ?? {}, value.link[1]) : undefined
    return type ?? []
  })
}

/** The picture sizes of all models among some types. */
const sizesOf = (types: readonly Type[]): ReadonlySet<number> =>
  new Set(types.flatMap((type) => (type.kind === 'model' ? (type.pictureSize ?? []) : [])))
