import { createHash } from 'node:crypto'
import { cancelled, LoomError } from '#core/errors.ts'
import {
  type InputKinds,
  type OutputKind,
  ops,
  type StepAttributes,
  type StepOp,
  type ValueKind,
} from '#core/plan/ops.ts'
import { type Plan, sorted } from '#core/plan/plan.ts'
import type { Step } from '#core/plan/step.ts'
import type { RunEvent } from '#core/protocol/messages.ts'
import type { Device } from './devices.ts'
import { type StepEvent, stamped, stepsByNode } from './node-events.ts'
import type { Profile } from './profile.ts'
import type { StepCache } from './step-cache.ts'
import { stepsToRun } from './step-order.ts'
import type { RuntimeValue, RuntimeValues } from './values.ts'

/** Part of every key. Raise it when a step with an equal key would give different numbers. */
const implementation = 1

/** The executor's services for a running step. */
export interface RunningStep {
  readonly step: Step
  readonly signal: AbortSignal
  /** Emits an event of the step. The executor adds the node. */
  emit(event: StepEvent): void
  /** Frees memory for a value that is about to be computed. */
  makeRoom(bytes: number): Promise<void>
  /** Throws `io` if a file behind the step changed since the run began. */
  refuseChanges(): Promise<void>
}

/** The values of a step's inputs by name, typed by the op's row. */
type InputValues<Op extends StepOp> = {
  readonly [Name in keyof InputKinds<Op>]: RuntimeValues[Extract<InputKinds<Op>[Name], ValueKind>]
}

type OutputValue<Op extends StepOp> = RuntimeValues[OutputKind<Op>]

/** The implementation of an op. `Context` is passed to `run`. */
export interface StepRule<Op extends StepOp, Context> {
  /** Files that affect the result, named as in the document. */
  files?(attributes: StepAttributes[Op]): readonly string[]
  /** Like `files`, but they may be missing. */
  optionalFiles?(attributes: StepAttributes[Op]): readonly string[]
  run(context: Context, inputs: InputValues<Op>, attributes: StepAttributes[Op]): Promise<OutputValue<Op>>
  /** Memory of the cached value in bytes. */
  bytes?(value: OutputValue<Op>): number
}

/** A rule for every op. */
export type StepRules<Context> = { readonly [Op in StepOp]: StepRule<Op, Context> }

/** A rule whose op is known only at run time. */
interface AnyRule<Context> {
  files?(attributes: Step['attributes']): readonly string[]
  optionalFiles?(attributes: Step['attributes']): readonly string[]
  run(
    context: Context,
    inputs: Readonly<Record<string, RuntimeValue>>,
    attributes: Step['attributes'],
  ): Promise<RuntimeValue>
  bytes?(value: RuntimeValue): number
}

export interface ExecutorOptions<Context> {
  readonly rules: StepRules<Context>
  /** The context for a step's rule. */
  contextOf(running: RunningStep): Context
  readonly cache: StepCache
  /** Device of the sessions, and its precision. Both are part of the keys, because they affect the numbers. */
  readonly device: Pick<Device, 'name' | 'precision'>
  readonly signal: AbortSignal
  emit(event: RunEvent): void
  /** Measures every step. */
  readonly profile?: Pick<Profile, 'step'> | undefined
  /** Changes when a file's bytes change. */
  identify(file: string): Promise<string>
}

/**
 * Runs the plan and reuses cached results of steps by key. Effects always run.
 * @returns the number of steps in the plan, of reused steps and of created sessions
 * @throws LoomError the error of a failed step, with its node; `io` if a model file changed meanwhile; `cancelled` between
 *   two steps
 */
export async function execute<Context>(
  plan: Plan,
  options: ExecutorOptions<Context>,
): Promise<{ steps: number; reused: number; sessions: number }> {
  const identities = new Map<string, string>()
  const keys = await stepKeys(plan, options, identities)
  if (options.signal.aborted) throw cancelled()
  const wanted = stepsToRun(plan, (step) => options.cache.has(keyOf(keys, step)))
  const left = stepsByNode(plan, (step) => wanted.get(step) === true)
  options.emit({ type: 'plan', nodes: Array.from(left, ([node, steps]) => ({ node, reused: steps.size === 0 })) })
  const values = new Map<Step, RuntimeValue>()
  const uses = countUses(wanted)
  options.cache.pin([...wanted.keys()].map((step) => keyOf(keys, step)))
  for (const [step, run] of wanted) {
    if (options.signal.aborted) throw cancelled()
    const key = keyOf(keys, step)
    if (!run) {
      values.set(step, options.cache.get(key))
      continue
    }
    const node = plan.nodesOf(step)[0]
    const sessions = [step, ...Object.values(step.inputs)].filter(({ kind }) => kind === 'session')
    // sessions read their weights in place: a change gives wrong numbers, or an error that explains nothing
    const refuseChanges = () => refuseChangedFiles(sessions, node, identities, options)
    const compute = () => runStep(step, node, values, options, identities)
    const value = await (options.profile?.step(step, node, compute) ?? compute()).catch(async (error: unknown) => {
      await refuseChanges()
      throw error
    })
    values.set(step, value)
    for (const node of plan.nodesOf(step)) {
      const steps = left.get(node)
      if (steps?.delete(step) && steps.size === 0) options.emit({ type: 'node-done', node })
    }
    if (!ops[step.op].effect) options.cache.set(key, value, ruleOf(step, options.rules).bytes?.(value) ?? 0)
    await refuseChanges()
    for (const input of Object.values(step.inputs)) {
      const left = (uses.get(input) ?? 0) - 1
      uses.set(input, left)
      if (left > 0) continue
      values.delete(input)
      options.cache.unpin(keyOf(keys, input))
    }
    await options.cache.makeRoom(0)
  }
  const ran = [...wanted].flatMap(([step, run]) => (run ? [step] : []))
  const sessions = ran.filter(({ kind }) => kind === 'session').length
  return { steps: plan.steps.length, reused: plan.steps.length - ran.length, sessions }
}

/**
 * @param identities of the files when the run began
 * @throws LoomError `io` if a file that steps and their inputs name has changed since
 */
async function refuseChangedFiles<Context>(
  steps: readonly Step[],
  node: string | undefined,
  identities: ReadonlyMap<string, string>,
  options: ExecutorOptions<Context>,
): Promise<void> {
  for (const file of filesBehind(steps, options)) {
    const before = identities.get(file)
    if (before === undefined || (await options.identify(file).catch(() => undefined)) === before) continue
    const error = new LoomError('io', `${file} was changed, replaced or removed while it was in use.`, {
      hint: 'Wait until the program that writes it has finished, then run again.',
    })
    throw placed(error, node)
  }
}

/** The files that steps and all their inputs name. */
function filesBehind<Context>(steps: readonly Step[], { rules }: ExecutorOptions<Context>): Set<string> {
  const behind = new Set(steps)
  // a set gives what is added while it is read
  for (const step of behind) for (const input of Object.values(step.inputs)) behind.add(input)
  return new Set(Array.from(behind).flatMap((step) => ruleOf(step, rules).files?.(step.attributes) ?? []))
}

/** Number of uses of each step by steps that will run. After the last use its value may be freed. */
function countUses(wanted: ReadonlyMap<Step, boolean>): Map<Step, number> {
  const uses = new Map<Step, number>()
  for (const [step, run] of wanted) {
    if (run) for (const input of Object.values(step.inputs)) uses.set(input, (uses.get(input) ?? 0) + 1)
  }
  return uses
}

const placed = (error: LoomError, node: string | undefined): LoomError => (node === undefined ? error : error.at(node))

/**
 * @param identities of the files when the run began
 * @throws LoomError the error of the step's rule, with the node
 */
export async function runStep<Context>(
  step: Step,
  node: string | undefined,
  values: ReadonlyMap<Step, RuntimeValue>,
  options: ExecutorOptions<Context>,
  identities: ReadonlyMap<string, string> = new Map(),
): Promise<RuntimeValue> {
  const inputs = Object.fromEntries(Object.entries(step.inputs).map(([name, input]) => [name, values.get(input)]))
  const context = options.contextOf({
    step,
    signal: options.signal,
    emit: (event) => options.emit(stamped(event, node)),
    makeRoom: (bytes) => options.cache.makeRoom(bytes),
    refuseChanges: () => refuseChangedFiles([step], node, identities, options),
  })
  try {
    return await ruleOf(step, options.rules).run(context, inputs, step.attributes)
  } catch (error) {
    if (error instanceof LoomError) throw placed(error, node)
    throw new LoomError('internal', `The step ${step.op} failed: ${error instanceof Error ? error.message : error}`, {
      ...(node === undefined ? {} : { node }),
      cause: error,
    })
  }
}

/** The rule of a step whose op is known only at run time. */
function ruleOf<Context>(step: Step, rules: StepRules<Context>): AnyRule<Context> {
  return rules[step.op] as AnyRule<Context>
}

/**
 * The keys of all steps: a hash of op, attributes, keys of the inputs, identity of files, device and implementation.
 * @param found receives the identities of files by name
 */
async function stepKeys<Context>(
  plan: Plan,
  options: ExecutorOptions<Context>,
  found: Map<string, string>,
): Promise<ReadonlyMap<Step, string>> {
  const keys = new Map<Step, string>()
  for (const step of plan.steps) {
    const rule = ruleOf(step, options.rules)
    const files = rule.files?.(step.attributes) ?? []
    const optional = rule.optionalFiles?.(step.attributes) ?? []
    const node = plan.nodesOf(step)[0]
    const identities = await Promise.all([
      ...files.map(async (file) => {
        const identity = await options.identify(file).catch((error: unknown) => {
          throw error instanceof LoomError && node !== undefined ? error.at(node, 'file') : error
        })
        found.set(file, identity)
        return identity
      }),
      ...optional.map((file) => options.identify(file).catch(() => 'missing')),
    ])
    const inputs = Object.keys(step.inputs)
      .sort()
      .map((name) => [name, step.inputs[name] && keys.get(step.inputs[name])])
    const parts = [
      implementation,
      options.device.name,
      options.device.precision,
      step.op,
      sorted(step.attributes),
      inputs,
      identities,
    ]
    keys.set(step, createHash('sha256').update(JSON.stringify(parts)).digest('hex'))
  }
  return keys
}

function keyOf(keys: ReadonlyMap<Step, string>, step: Step): string {
  const key = keys.get(step)
  if (key === undefined) throw new LoomError('internal', `The step %${step.id} has no key.`)
  return key
}
