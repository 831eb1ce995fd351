import type { Sizes } from '../../store/graph.ts'
import type { Tab } from '../../store/workspace.ts'
import { workspace } from '../../store/workspace.ts'
import { itemSizes } from './viewport.ts'

/** Sizes of what lies on the canvas of a tab, as it is drawn; nothing is known of a tab that is not shown. */
export const sizesOf = ({ id }: Tab): Sizes => (workspace.getState().active === id ? itemSizes() : new Map())
