import { createStore } from 'zustand/vanilla'

/** How to use pictures that contain workflows. Undefined: not at all. */
export type DropAnswer = 'workflow' | 'picture' | undefined

interface DropQuestion {
  /** Names of the pictures with a workflow. */
  readonly names: readonly string[]
  answer(answer: DropAnswer): void
}

/** The open question. */
export const dropQuestion = createStore<{ readonly question: DropQuestion | undefined }>(() => ({
  question: undefined,
}))

/** Asks how to use pictures that contain workflows. A question that is still open is answered with undefined. */
export function askAboutWorkflows(names: readonly string[]): Promise<DropAnswer> {
  dropQuestion.getState().question?.answer(undefined)
  return new Promise((resolve) => {
    const answer = (chosen: DropAnswer): void => {
      dropQuestion.setState({ question: undefined })
      resolve(chosen)
    }
    dropQuestion.setState({ question: { names, answer } })
  })
}
