import { createRequire } from 'node:module'
import type { LoomError } from '#core/errors.ts'
import { rewritePlan } from '#core/plan/passes/rewrite.ts'
import { planRules } from '#core/plan/passes/rules.ts'
import { Plan } from '#core/plan/plan.ts'
import { printPlan } from '#core/plan/print.ts'
import { verifyPlan } from '#core/plan/verify.ts'
import { toErrorData } from '#core/protocol/error-data.ts'
import type { DumpStage, Params, Result, RunEvent, WorkflowSource } from '#core/protocol/messages.ts'
import { type FileKnowledge, factKey, factOf, factsOf } from '#core/types/facts.ts'
import { filesOf } from '#core/workflow/files.ts'
import { lowerWorkflow } from '#core/workflow/lower.ts'
import { applyOverrides } from '#core/workflow/overrides.ts'
import { parseWorkflow } from '#core/workflow/parse.ts'
import { printWorkflow } from '#core/workflow/print.ts'
import { validate } from '#core/workflow/validate.ts'
import { catalogue } from '#nodes/catalogue.ts'
import type { Engine } from './engine.ts'
import { asKnowledge, readFact } from './facts.ts'
import { resolveFile } from './files/resolve-file.ts'
import { stepRules } from './lower/rules.ts'
import { fileIdentity } from './models/file-identity.ts'
import { inspectFile } from './models/inspect.ts'
import { chooseDevice, listDevices } from './runtime/devices.ts'
import { type ExecutorOptions, execute } from './runtime/executor.ts'
import { FittedFactors } from './runtime/fitted-factors.ts'
import { cacheBudget } from './runtime/memory.ts'
import { rehearse } from './runtime/rehearse.ts'
import { StepCache } from './runtime/step-cache.ts'
import type { RuntimeValue } from './runtime/values.ts'

export interface EngineOptions {
  /** Folders that model files are looked for in, absolute, the first that has a file wins. */
  readonly models: readonly string[]
  /** Where what was learned is kept for later processes; nothing is without it. */
  readonly cacheFolder?: string
}

/** The engine in this process; one at a time, for a session's run blocks the thread. */
export function createEngine({ models, cacheFolder }: EngineOptions): Engine {
  const kept: Kept = { cache: new StepCache(cacheBudget(), release), rgbFactors: new FittedFactors(cacheFolder) }
  let last: Promise<unknown> = Promise.resolve()
  return {
    // One after the other: a run pins what it uses, and what it does not use may be ended.
    run(options, emit, signal) {
      const result = last.then(() => run({ options, emit, signal, models, kept }))
      last = result.catch(() => undefined)
      return result
    },
    async validate(source) {
      return { problems: (await check(source, models, kept)).map(toErrorData) }
    },
    async inspect({ file, against }) {
      return {
        ...(await inspectFile(
          file,
          against === undefined ? undefined : await resolveFile(against, { folders: [], models }),
        )),
      }
    },
    async devices() {
      return { devices: listDevices(), versions: versions() }
    },
    close: () => kept.cache.clear(),
  }
}

/** What lives longer than a run. */
type Kept = Pick<ExecutorOptions, 'cache' | 'rgbFactors'>

interface Run {
  readonly options: Params<'run'>
  readonly emit: (event: RunEvent) => void
  readonly signal: AbortSignal
  readonly models: readonly string[]
  readonly kept: Kept
}

async function run({ options, emit, signal, models, kept }: Run): Promise<Result<'run'>> {
  const started = performance.now()
  const opened = await open(options, models)
  const images: Result<'run'>['images'] = []
  const warnings = new Set<string>()
  const tell = (event: RunEvent) => {
    if (event.type === 'image') {
      const { type: _, ...image } = event
      images.push(image)
    }
    // An adapter says the same of the model and of the text encoder that it changes.
    if (event.type === 'warning') {
      if (warnings.has(event.error.message)) return
      warnings.add(event.error.message)
    }
    emit(event)
  }
  const counts = await execute(
    planOf(opened, options, tell),
    executorOptions(opened, options, { ...kept, signal, emit: tell }),
  )
  return { images, ...counts, milliseconds: performance.now() - started }
}

/** Everything that is wrong with a workflow; where its graph is right, also what its files do not agree on. */
async function check(source: WorkflowSource, models: readonly string[], kept: Kept): Promise<LoomError[]> {
  const opened = await open(source, models)
  const problems = validate(opened.workflow, catalogue, opened.facts)
  if (problems.length > 0) return problems
  const options = { device: 'cpu', outputFolder: '', previews: false, verify: false } as const
  const { signal } = new AbortController()
  return rehearse(planOf(opened, options), executorOptions(opened, options, { ...kept, signal, emit: () => {} }))
}

type Opened = Awaited<ReturnType<typeof open>>
type Choices = Omit<Params<'run'>, keyof WorkflowSource>

function executorOptions(
  { workflow, resolve }: Opened,
  { device, outputFolder, previews, verify, dump }: Choices,
  given: Kept & Pick<ExecutorOptions, 'signal' | 'emit'>,
): ExecutorOptions {
  return {
    ...given,
    device: chooseDevice(device),
    rules: stepRules,
    outputFolder,
    previews,
    verify,
    dump,
    document: printWorkflow(workflow),
    resolve,
    identify: async (file) => fileIdentity(await resolve(file)),
  }
}

/** What a source names, read: the workflow as it is to run, and what its files are. */
async function open({ document, folders, confined, overrides, seed }: WorkflowSource, models: readonly string[]) {
  const workflow = applyOverrides(parseWorkflow(document), catalogue, overrides, seed)
  const resolve = (file: string) => resolveFile(file, { folders, models, ...(confined && { confined }) })
  const knowledge = new Map<string, FileKnowledge>()
  for (const { name, kind } of filesOf(workflow, catalogue)) {
    knowledge.set(
      factKey(kind, name),
      await resolve(name).then(
        (path) => readFact(path, kind),
        (error: unknown) => asKnowledge(error, name),
      ),
    )
  }
  return { workflow, resolve, facts: factsOf(knowledge) }
}

function planOf(
  { workflow, facts }: Opened,
  { verify, dump, targets, liveStrengths }: Choices,
  emit: (event: RunEvent) => void = () => {},
): Plan {
  const show = (stage: DumpStage, shown: Plan) => {
    if (dump === stage) emit({ type: 'dump', stage, of: 'plan', text: printPlan(shown) })
  }
  const plan = new Plan()
  lowerWorkflow(workflow, catalogue, plan, facts, targets)
  show('plan', plan)
  if (verify) verifyPlan(plan)
  const takesGuidance = (file: string) => factOf(facts, 'checkpoint', file)?.guidanceEmbedding ?? false
  const rewritten = rewritePlan(plan, planRules({ takesGuidance }, { liveStrengths }), { verify })
  show('rules', rewritten)
  return rewritten
}

async function release(value: RuntimeValue): Promise<void> {
  if (value && 'session' in value) await value.session.release()
}

function versions(): Record<string, string> {
  const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string }
  return { node: process.versions.node, 'onnxruntime-node': version }
}
