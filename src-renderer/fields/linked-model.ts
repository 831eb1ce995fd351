import { type FileKind, type Kind, type Type, UNKNOWN } from '#core/types/types.ts'
import { isLink, type Link, own } from '#core/workflow/document.ts'
import type { Made } from '#nodes/kit/family.ts'
import { type Graph, graphAt, linksIn } from '../store/graph.ts'
import { flatId } from '../store/view-store.ts'
import type { Tab } from '../store/workspace.ts'
import type { InputAddress } from './control.ts'

const unknown: Made = { family: UNKNOWN }

/** Files that are the model itself. All other files have to fit it. */
const leading: ReadonlySet<FileKind> = new Set(['checkpoint', 'unet'])

/** Kinds that belong to a model. Pictures and masks fit all models. */
const carriers: ReadonlySet<Kind> = new Set(['model', 'clip', 'vae', 'conditioning', 'latent'])

/** The model that a node's file has to fit, as far as known. */
export function linkedModel(
  { document, inference, view }: Pick<Tab, 'document' | 'inference' | 'view'>,
  { level, node }: Pick<InputAddress, 'level' | 'node'>,
  kind: FileKind,
): Made {
  const graph = graphAt(document.getState().workflow, level)
  if (!graph || leading.has(kind)) return unknown
  const { outputs } = inference.getState()
  return modelAround(graph, node, ([source, output]) =>
    own(outputs.get(level === undefined ? source : flatId(view.getState(), source)) ?? {}, output),
  )
}

/** The model linked to a node, or else the model that its outputs are used with. */
export function modelAround(graph: Graph, node: string, typeOf: (link: Link['link']) => Type | undefined): Made {
  const given = linksTo(graph, node).flatMap((link) => modelOf(typeOf(link)) ?? [])
  if (given[0]) return given[0]
  const reached = new Set([node])
  for (const from of reached) {
    for (const [end, { link }] of linksIn(graph)) {
      const type = link[0] === from && !reached.has(end.node) ? typeOf(link) : undefined
      if (!type || !carriers.has(type.kind)) continue
      reached.add(end.node)
      const beside = linksTo(graph, end.node).filter(([source]) => !reached.has(source))
      const model = beside.flatMap((link) => {
        const other = typeOf(link)
        return other?.kind === 'model' || other?.kind === 'latent' ? (modelOf(other) ?? []) : []
      })
      if (model[0]) return model[0]
    }
  }
  return unknown
}

const linksTo = ({ nodes }: Graph, node: string): Link['link'][] =>
  Object.values(own(nodes, node)?.inputs ?? {}).flatMap((value) => (isLink(value) ? [value.link] : []))

function modelOf(type: Type | undefined): Made | undefined {
  if (!type || !('family' in type) || type.family === undefined || type.family === UNKNOWN) return undefined
  return type.kind === 'model' ? type : { family: type.family }
}
