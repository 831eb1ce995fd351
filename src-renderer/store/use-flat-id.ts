import { useView } from './context.ts'
import { flatId } from './view-store.ts'

/** Id of a node of the shown level by which runs and problems name it. */
export const useFlatId = (node: string): string => useView((view) => flatId(view, node))
