import { createStore } from 'zustand/vanilla'

/** What becomes of pictures that carry workflows; undefined: nothing. */
export type DropAnswer = 'workflow' | 'picture' | undefined

interface DropQuestion {
  /** Names of the pictures that carry a workflow. */
  readonly names: readonly string[]
  answer(answer: DropAnswer): void
}

/** The question that waits for its answer. */
export const dropQuestion = createStore<{ readonly question: DropQuestion | undefined }>(() => ({
  question: undefined,
}))

/** Asks what to do with pictures that carry workflows; a question that still waits is answered with nothing. */
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
