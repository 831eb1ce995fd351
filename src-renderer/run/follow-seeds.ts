import { seedsToShow, writeSeeds } from '../commands/seeds.ts'
import type { Tab } from '../store/workspace.ts'

/** Lets a document show the seeds of its newest pictures. That is no step of its undo. */
export function followSeeds({ run, document }: Pick<Tab, 'run' | 'document'>): () => void {
  return run.subscribe(({ drawn }, { drawn: earlier }) => {
    if (drawn.at <= earlier.at) return
    const { workflow } = document.getState()
    document.amend(writeSeeds(workflow, seedsToShow(workflow, drawn.seeds, earlier.seeds)))
  })
}
