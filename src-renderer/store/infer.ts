import type { StoreApi } from 'zustand/vanilla'
import { LoomError } from '#core/errors.ts'
import { factKey } from '#core/types/facts.ts'
import { outputTypes } from '#core/workflow/analyse.ts'
import type { Workflow } from '#core/workflow/document.ts'
import { filesIn, type NamedFile } from '#core/workflow/files.ts'
import { adviceOf, problemsOf } from '#core/workflow/validate.ts'
import { isEqual, keepEqual, meansTheSame } from './alike.ts'
import type { InferenceState } from './inference.ts'
import type { LibraryState } from './library.ts'
import { typedGraphOf } from './typed-graph.ts'
import type { Tab } from './workspace.ts'

/** The inference of a document, and the files that it names. */
interface Thought extends InferenceState {
  readonly files: readonly NamedFile[]
}

/** Types and problems of a workflow. Never throws; all errors become problems. */
export function inferTab(workflow: Workflow, known: LibraryState['facts']): InferenceState {
  const { files: _, ...state } = think(workflow, known)
  return state
}

function think(workflow: Workflow, known: LibraryState['facts']): Thought {
  try {
    const graph = typedGraphOf(workflow, known)
    const ids = new Set(graph.nodes.keys())
    const byNode = (errors: readonly LoomError[]) => Map.groupBy(errors, ({ node = '' }) => node)
    return {
      outputs: outputTypes(graph),
      problems: byNode(problemsOf(graph, ids)),
      advice: byNode(adviceOf(graph, ids)),
      files: filesIn(graph),
    }
  } catch (cause) {
    const unexpected = { hint: 'Undo the last change.', cause }
    const problem =
      cause instanceof LoomError ? cause : new LoomError('internal', 'The workflow cannot be checked.', unexpected)
    return { outputs: new Map(), problems: new Map([['', [problem]]]), advice: new Map(), files: [] }
  }
}

/** The files of a workflow without known facts, each once. */
export const missingFacts = (workflow: Workflow, known: LibraryState['facts']): NamedFile[] =>
  unknownOf(think(workflow, known).files, known)

function unknownOf(files: readonly NamedFile[], known: LibraryState['facts']): NamedFile[] {
  const byKey = files.map((file) => [factKey(file.kind, file.name), file] as const)
  return [...new Map(byKey)].flatMap(([key, file]) => (known.has(key) ? [] : [file]))
}

/** Inference takes at most 1 / `share` of the time during continuous changes. */
const share = 4

/**
 * Updates a tab's inference after changes of its document or of facts. It runs with a short delay, so that input has
 * priority. Equal results keep their identity, and changes that do not affect types are skipped.
 * @param ask called with files without known facts, once for each
 * @returns a function that ends it
 */
export function startInference(
  tab: Pick<Tab, 'document' | 'inference'>,
  library: StoreApi<LibraryState>,
  ask: (files: readonly NamedFile[]) => void,
): () => void {
  let done: { readonly workflow: Workflow; readonly facts: LibraryState['facts'] } | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let notBefore = 0
  let asked = new Set<string>()

  function run(): void {
    timer = undefined
    const { workflow } = tab.document.getState()
    const { facts } = library.getState()
    if (done && done.facts === facts && meansTheSame(done.workflow, workflow)) return
    // the library was cleared, so ask again
    if (done?.facts !== facts && facts.size === 0) asked = new Set()
    done = { workflow, facts }
    const start = performance.now()
    const { files, ...thought } = think(workflow, facts)
    const end = performance.now()
    notBefore = end + (end - start) * share
    publish(tab.inference, thought)
    const missing = unknownOf(files, facts).filter(({ kind, name }) => !asked.has(factKey(kind, name)))
    for (const { kind, name } of missing) asked.add(factKey(kind, name))
    if (missing.length > 0) ask(missing)
  }

  function schedule(): void {
    timer ??= setTimeout(run, Math.max(0, notBefore - performance.now()))
  }

  const stops = [
    tab.document.subscribe(({ workflow }, before) => {
      if (workflow !== before.workflow) schedule()
    }),
    library.subscribe(({ facts }, before) => {
      if (facts !== before.facts) schedule()
    }),
  ]
  run()
  return () => {
    clearTimeout(timer)
    for (const stop of stops) stop()
  }
}

function publish(store: Tab['inference'], { outputs, problems, advice }: InferenceState): void {
  const before = store.getState()
  const next: InferenceState = {
    outputs: keepEqual(before.outputs, outputs, isEqual),
    problems: keepEqual(before.problems, problems, isEqual),
    advice: keepEqual(before.advice, advice, isEqual),
  }
  if (next.outputs === before.outputs && next.problems === before.problems && next.advice === before.advice) return
  store.setState(next)
}
