import type { StoreApi } from 'zustand/vanilla'
import { LoomError } from '#core/errors.ts'
import { type Facts, factsOf } from '#core/types/facts.ts'
import type { FileKind, Type } from '#core/types/types.ts'
import { inferWorkflow } from '#core/workflow/analyse.ts'
import type { Workflow } from '#core/workflow/document.ts'
import { filesOf } from '#core/workflow/files.ts'
import { validate } from '#core/workflow/validate.ts'
import { catalogue } from '#nodes/catalogue.ts'
import type { InferenceState } from './inference.ts'
import { factKey, type LibraryState } from './library.ts'
import type { Tab } from './workspace.ts'

/** A file that a document names, and what it uses it as. */
export interface NamedFile {
  readonly name: string
  readonly kind: FileKind
}

/** What is known of files, as nodes ask for it: by name alone. */
export function factsIn(known: LibraryState['facts']): Facts {
  const kinds: readonly FileKind[] = ['checkpoint', 'lora', 'image']
  const byName = kinds.flatMap((kind) =>
    [...known].flatMap(([key, fact]) =>
      key.startsWith(factKey(kind, '')) ? [[key.slice(kind.length + 1), fact] as const] : [],
    ),
  )
  return factsOf(new Map(byName))
}

/** Files that a workflow names and of which nothing is known. */
export function missingFacts(workflow: Workflow, known: LibraryState['facts']): NamedFile[] {
  return [...filesOf(workflow, catalogue)]
    .filter(([name, kind]) => !known.has(factKey(kind, name)))
    .map(([name, kind]) => ({ name, kind }))
}

/** Types and problems of a workflow; whatever is wrong with it becomes a problem. */
export function inferTab(workflow: Workflow, facts: Facts): InferenceState {
  const problems = new Map<string, LoomError[]>()
  let outputs: InferenceState['outputs'] = new Map<string, Readonly<Record<string, Type>>>()
  try {
    outputs = inferWorkflow(workflow, catalogue, facts)
    for (const problem of validate(workflow, catalogue, facts)) {
      const node = problem.node ?? ''
      problems.set(node, [...(problems.get(node) ?? []), problem])
    }
  } catch (error) {
    const problem =
      error instanceof LoomError
        ? error
        : new LoomError('internal', 'The workflow cannot be checked.', { cause: error })
    problems.set('', [problem])
  }
  return { outputs, problems }
}

/** Keeps a tab's inference up to date with its document and with what is known of files. */
export function startInference(
  tab: Pick<Tab, 'document' | 'inference'>,
  library: StoreApi<LibraryState>,
  ask: (files: readonly NamedFile[]) => void,
): () => void {
  const run = () => {
    const { workflow } = tab.document.getState()
    const { facts } = library.getState()
    tab.inference.setState(inferTab(workflow, factsIn(facts)))
    const missing = missingFacts(workflow, facts)
    if (missing.length > 0) ask(missing)
  }
  const stops = [tab.document.subscribe(run), library.subscribe(run)]
  run()
  return () => {
    for (const stop of stops) stop()
  }
}
