import { createRequire } from 'node:module'
import type { LoomError } from '#core/errors.ts'
import { builtFamily } from '#core/families/families.ts'
import { optimisePlan } from '#core/plan/passes/optimise.ts'
import { StrengthHistory } from '#core/plan/passes/placement.ts'
import { Plan } from '#core/plan/plan.ts'
import { printPlan } from '#core/plan/print.ts'
import { verifyPlan } from '#core/plan/verify.ts'
import { toErrorData } from '#core/protocol/error-data.ts'
import type { DumpStage, Params, Result, RunEvent, WorkflowSource } from '#core/protocol/messages.ts'
import { type FileKnowledge, factKey, factOf, factsOf, nothingKnown } from '#core/types/facts.ts'
import { analyse, withFacts } from '#core/workflow/analyse.ts'
import { filesOf } from '#core/workflow/files.ts'
import { lowerWorkflow } from '#core/workflow/lower.ts'
import { applyOverrides } from '#core/workflow/overrides.ts'
import { printWorkflow } from '#core/workflow/print.ts'
import { advise, validate } from '#core/workflow/validate.ts'
import { catalogue } from '#nodes/catalogue.ts'
import type { Engine } from './engine.ts'
import { explanation } from './explain.ts'
import { asKnowledge, readFact } from './facts.ts'
import { readDocument } from './files/document.ts'
import { fileFinder, resolveFile } from './files/resolve-file.ts'
import { inspectFile } from './inspect.ts'
import { inspectDocument } from './inspect-document.ts'
import { fileIdentity } from './models/file-identity.ts'
import type { Provider } from './onnx/passes/recipes.ts'
import { binding, refused, without } from './ort/open.ts'
import { PreparedWeights } from './prepared/prepared-weights.ts'
import { FittedFactors } from './preview/fitted-factors.ts'
import { PreviewDecoders } from './preview/preview-decoders.ts'
import { deviceMemory } from './runtime/device-memory.ts'
import { DeviceProbe } from './runtime/device-probe.ts'
import { chooseDevice, listDevices } from './runtime/devices.ts'
import { type ExecutorOptions, execute } from './runtime/executor.ts'
import { cacheBudget } from './runtime/memory.ts'
import { Profile } from './runtime/profile.ts'
import { rehearse } from './runtime/rehearse.ts'
import { Residents } from './runtime/residents.ts'
import { StepCache } from './runtime/step-cache.ts'
import type { RuntimeValue } from './runtime/values.ts'
import type { RunContext, StepContext } from './steps/context.ts'
import { checkSubfolders } from './steps/images.ts'
import { stepRules } from './steps/rules.ts'

export interface EngineOptions {
  /** Absolute paths of the folders to search for model files. The first folder that has a file wins. */
  readonly models: readonly string[]
  /** Folder for results that later processes reuse. Without it they last as long as the process. */
  readonly cacheFolder?: string
  /** Folder for prepared weights. Without it sessions compute their weights and own them. */
  readonly preparedFolder?: string
}

/** Creates an engine in this process. Create only one at a time, because each takes the processor and the memory. */
export function createEngine({ models, cacheFolder, preparedFolder }: EngineOptions): Engine {
  const kept: Kept = {
    cache: new StepCache(cacheBudget(), release),
    rgbFactors: new FittedFactors(cacheFolder),
    previewDecoders: new PreviewDecoders(),
    residents: new Map(),
    probe: new DeviceProbe(cacheFolder),
    history: new StrengthHistory(),
    prepared: preparedFolder === undefined ? undefined : new PreparedWeights(preparedFolder),
  }
  let last: Promise<unknown> = Promise.resolve()
  return {
    // runs are serial, because each pins the entries it uses and may evict all others
    run(options, emit, signal) {
      const result = last.then(() => run({ options, emit, signal, models, kept }))
      last = result.catch(() => undefined)
      return result
    },
    async validate(source) {
      const { problems, advice } = await check(source, models, kept)
      return { problems: problems.map(toErrorData), advice: advice.map(toErrorData) }
    },
    async inspect({ file, against }) {
      const document = await inspectDocument(file)
      if (document) return { ...document }
      const target = against === undefined ? undefined : await resolveFile(against, { folders: [], models })
      return { ...(await inspectFile(file, target)) }
    },
    async devices() {
      return { devices: listDevices(), automatic: await kept.probe.automatic(), versions: versions() }
    },
    async close() {
      await kept.cache.clear()
      await kept.previewDecoders.close()
      await kept.prepared?.settled()
    },
  }
}

/** State that outlives a run. */
interface Kept {
  readonly cache: StepCache
  readonly rgbFactors: FittedFactors
  readonly previewDecoders: PreviewDecoders
  /** The networks on each device that was used. */
  readonly residents: Map<Provider, Residents>
  readonly probe: DeviceProbe
  readonly history: StrengthHistory
  readonly prepared: PreparedWeights | undefined
}

interface Run {
  readonly options: Params<'run'>
  readonly emit: (event: RunEvent) => void
  readonly signal: AbortSignal
  readonly models: readonly string[]
  readonly kept: Kept
  readonly profile?: Profile
}

async function run(given: Run): Promise<Result<'run'>> {
  const { options, kept } = given
  if (options.profile === undefined) return draw(given)
  const profile = await Profile.begin()
  try {
    // sessions measure from their making to their release
    await kept.cache.clear()
    const result = await draw({ ...given, profile })
    await kept.cache.clear()
    return { ...result, profile: await profile.write(options.profile) }
  } finally {
    await kept.cache.clear()
    await profile.discard()
  }
}

async function draw({ options, emit, signal, models, kept, profile }: Run): Promise<Result<'run'>> {
  const started = performance.now()
  const opened = await open(options, models)
  const images: Result<'run'>['images'] = []
  const files: NonNullable<Result<'run'>['files']> = []
  const warnings = new Set<string>()
  const tell = (event: RunEvent) => {
    if (event.type === 'image') {
      const { type: _, ...image } = event
      images.push(image)
    }
    if (event.type === 'file') {
      const { type: _, ...file } = event
      files.push(file)
    }
    // an adapter gives the same warning for the model and for the text encoder
    if (event.type === 'warning') {
      if (warnings.has(event.error.message)) return
      warnings.add(event.error.message)
    }
    profile?.event(event)
    emit(event)
  }
  for (const advice of advise(opened.graph, options.targets)) {
    tell({ type: 'warning', error: toErrorData(advice) })
  }
  const plan = planOf(opened, options, kept.history, tell)
  await checkSubfolders(plan, options.outputFolder)
  const counts = await execute(plan, await executorOptions(opened, options, { ...kept, signal, profile, emit: tell }))
  return { images, ...(files.length > 0 && { files }), ...counts, milliseconds: performance.now() - started }
}

interface Checked {
  readonly problems: readonly LoomError[]
  /** Warnings about settings that run but give poor results. */
  readonly advice: readonly LoomError[]
}

/** Finds all problems of a workflow. If its graph is valid, also checks that its files fit together. */
async function check(source: WorkflowSource, models: readonly string[], kept: Kept): Promise<Checked> {
  const opened = await open(source, models)
  const problems = validate(opened.graph)
  const advice = advise(opened.graph)
  if (problems.length > 0) return { problems, advice }
  const options = { device: 'cpu', outputFolder: '', previews: false, verify: false } as const
  const { signal } = new AbortController()
  const rehearsed = await rehearse(
    planOf(opened, options, new StrengthHistory()),
    await executorOptions(opened, options, { ...kept, signal, emit: () => {} }),
  )
  return { problems: rehearsed, advice }
}

type Opened = Awaited<ReturnType<typeof open>>
type Choices = Omit<Params<'run'>, keyof WorkflowSource>

async function executorOptions(
  { graph, resolve }: Opened,
  {
    device: choice,
    precision,
    outputFolder,
    modelFolder = outputFolder,
    previews,
    decodedPreviews,
    verify,
    explain,
    dump,
  }: Choices,
  {
    cache,
    rgbFactors,
    previewDecoders,
    residents,
    probe,
    prepared,
    profile,
    signal,
    emit,
  }: Kept & Pick<Run, 'signal' | 'emit' | 'profile'>,
): Promise<ExecutorOptions<StepContext>> {
  const device = chooseDevice(choice === 'auto' ? (await probe.automatic()).device : choice, precision)
  const on = residents.get(device.name) ?? new Residents(await deviceMemory(device.name))
  residents.set(device.name, on)
  const context: RunContext = {
    device,
    residents: on,
    verify,
    prepared,
    profile,
    dump,
    explain,
    previews,
    rgbFactors,
    previewDecoders: decodedPreviews ? previewDecoders : undefined,
    outputFolder,
    modelFolder,
    document: printWorkflow(graph.workflow),
    resolve,
  }
  return {
    cache,
    signal,
    emit,
    profile,
    rules: stepRules,
    device,
    contextOf: (running) => ({ ...context, ...running }),
    identify: async (file) => fileIdentity(await resolve(file)),
  }
}

/** Reads a source: the typed graph with overrides and the facts of its files. */
async function open({ document, folders, confined, overrides, seed }: WorkflowSource, models: readonly string[]) {
  const workflow = applyOverrides(readDocument(document).workflow, catalogue, overrides, seed)
  const graph = analyse(workflow, catalogue, nothingKnown)
  const resolve = fileFinder({ folders, models, ...(confined && { confined }) })
  const knowledge = new Map<string, FileKnowledge>()
  for (const { name, kind } of filesOf(graph)) {
    knowledge.set(
      factKey(kind, name),
      await resolve(name).then(
        (path) => readFact(path, kind, name),
        (error: unknown) => asKnowledge(error, name),
      ),
    )
  }
  return { graph: withFacts(graph, factsOf(knowledge)), resolve }
}

function planOf(
  { graph }: Opened,
  { verify, dump, targets, explain, strengths: mode = 'auto' }: Choices,
  history: StrengthHistory,
  emit: (event: RunEvent) => void = () => {},
): Plan {
  const show = (stage: DumpStage, shown: Plan) => {
    if (dump === stage) emit({ type: 'dump', stage, of: 'plan', text: printPlan(shown) })
  }
  const plan = new Plan()
  lowerWorkflow(graph, plan, targets)
  show('plan', plan)
  if (verify) verifyPlan(plan)
  const { facts } = graph
  const unetOf = (file: string) => factOf(facts, 'checkpoint', file) ?? factOf(facts, 'unet', file)
  const takesGuidance = (file: string) => unetOf(file)?.guidanceEmbedding ?? false
  const zeroForNoText = (file: string) => builtFamily(unetOf(file)?.family)?.zeroForNoText ?? false
  const canLive = (file: string) => factOf(facts, 'lora', file)?.foldedOnly !== true
  const optimised = optimisePlan(plan, {
    facts: { takesGuidance, zeroForNoText },
    strengths: { mode, canLive, history },
    verify,
  })
  show('rules', optimised.plan)
  if (explain) for (const session of optimised.sessions) emit(explanation(session, optimised.sorted))
  return optimised.plan
}

async function release(value: RuntimeValue): Promise<void> {
  if (value && 'session' in value) await value.session.release()
}

function versions(): Record<string, string> {
  const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string }
  const way = without === undefined ? 'its C API' : `onnxruntime-node, where nothing can be stopped: ${without}`
  return {
    node: process.versions.node,
    'onnxruntime-node': version,
    'ONNX Runtime': `${binding.version} by ${way}`,
    ...(refused !== undefined && { 'fetched for CUDA': `not in use: ${refused}` }),
  }
}
