import { useView } from './context.ts'
import { flatId } from './view-store.ts'

/** The flat id of a node on the shown level, which runs and problems use. */
export const useFlatId = (node: string): string => useView((view) => flatId(view, node))
