import type { Sizes } from '../../store/graph.ts'
import type { Tab } from '../../store/workspace.ts'
import { workspace } from '../../store/workspace.ts'
import { itemSizes } from './viewport.ts'

/** Drawn sizes of a tab's items. Empty for a tab that is not shown. */
export const sizesOf = ({ id }: Tab): Sizes => (workspace.getState().active === id ? itemSizes() : new Map())
