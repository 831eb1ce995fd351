import { createStore, type StoreApi } from 'zustand/vanilla'
import { joinIds } from '#core/workflow/flat-id.ts'
import type { ItemKey, Level, LinkEnd } from './graph.ts'

/** A step on the path to the shown subgraph: the entered instance and its definition. */
export interface TrailStep {
  readonly instance: string
  readonly subgraph: string
}

interface Viewport {
  readonly x: number
  readonly y: number
  readonly zoom: number
}

/** View state of a document. It is not part of undo, saved files or shared links. */
export interface ViewState {
  readonly selection: ReadonlySet<ItemKey>
  /** Path to the shown subgraph; empty for the workflow itself. */
  readonly trail: readonly TrailStep[]
  readonly viewports: ReadonlyMap<Level, Viewport>
  /** The selected link by its target. Ignored while items are selected. */
  readonly link: LinkEnd | undefined
  /** Nodes that show their advanced inputs, by id of the flat graph. */
  readonly more: ReadonlySet<string>
}

export type ViewStore = StoreApi<ViewState>

export const createViewStore = (): ViewStore =>
  createStore<ViewState>(() => ({
    selection: new Set(),
    trail: [],
    viewports: new Map(),
    link: undefined,
    more: new Set(),
  }))

/** The shown level. */
export const levelOf = ({ trail }: ViewState): Level => trail.at(-1)?.subgraph

/** Id in the flat graph, used by runs and problems, for a node on the shown level. */
export const flatId = ({ trail }: Pick<ViewState, 'trail'>, node: string): string =>
  joinIds(...trail.map(({ instance }) => instance), node)
