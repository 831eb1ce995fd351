import { useMemo } from 'react'
import type { Constant } from '#core/workflow/node-type.ts'
import { useInference, useRun } from './context.ts'
import { useFlatId } from './use-flat-id.ts'

/** A problem of a node, found by inference or by a run. */
export interface NodeProblem {
  readonly message: string
  readonly hint?: string | undefined
  readonly input?: string | undefined
  readonly answers?: readonly Constant[] | undefined
  readonly sourceAnswers?: Readonly<Record<string, Constant>> | undefined
}

const none: readonly NodeProblem[] = []

/** The advice for a node on the shown level. */
export function useAdvice(id: string): readonly NodeProblem[] {
  const flat = useFlatId(id)
  return useInference(({ advice }) => advice.get(flat)) ?? none
}

/** Whether advice can be settled by a button. */
export const isQuestion = ({ answers, sourceAnswers }: NodeProblem): boolean =>
  answers !== undefined || sourceAnswers !== undefined

/** The advice that can be settled by a button. */
export const questionsIn = <A extends NodeProblem>(advice: readonly A[] = []): readonly A[] => advice.filter(isQuestion)

/** The problems of a node on the shown level. */
export function useProblems(id: string): readonly NodeProblem[] {
  const flat = useFlatId(id)
  const found = useInference(({ problems }) => problems.get(flat)) ?? none
  const error = useRun(({ nodes }) => nodes.get(flat)?.error)
  return useMemo(() => (error ? [...found, error] : found), [found, error])
}
