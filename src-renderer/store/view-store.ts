import { createStore, type StoreApi } from 'zustand/vanilla'
import { joinIds } from '#core/workflow/flat-id.ts'
import type { ItemKey, Level, LinkEnd } from './graph.ts'

/** A subgraph on the way to the one that is shown: the instance that was entered, and its definition. */
export interface TrailStep {
  readonly instance: string
  readonly subgraph: string
}

interface Viewport {
  readonly x: number
  readonly y: number
  readonly zoom: number
}

/** What is seen of a document and is no part of it: nothing here is undone, saved or shared. */
export interface ViewState {
  readonly selection: ReadonlySet<ItemKey>
  /** Way from the workflow into the subgraph that the canvas shows; empty for the workflow itself. */
  readonly trail: readonly TrailStep[]
  readonly viewports: ReadonlyMap<Level, Viewport>
  /** The selected link by its target; counts while no item is selected. */
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

/** The level that the canvas shows. */
export const levelOf = ({ trail }: ViewState): Level => trail.at(-1)?.subgraph

/** Id of a node of the shown level in the flat graph, by which runs and problems name it. */
export const flatId = ({ trail }: Pick<ViewState, 'trail'>, node: string): string =>
  joinIds(...trail.map(({ instance }) => instance), node)
