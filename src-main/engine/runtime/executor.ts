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
import type { StepCache } from './step-cache.ts'
import { stepsToRun } from './step-order.ts'
import type { RuntimeValue, RuntimeValues } from './values.ts'

/** Part of every key: raise it when a step of equal key would give other numbers than before. */
const implementation = 1

/** What the executor says of a step while it runs. */
export interface RunningStep {
  readonly step: Step
  readonly signal: AbortSignal
  /** Tells what the step does; the executor says of which node. */
  emit(event: StepEvent): void
  /** Frees memory for a value that is about to be made. */
  makeRoom(bytes: number): Promise<void>
}

/** The values of a step's inputs by name, as its row says. */
type InputValues<Op extends StepOp> = {
  readonly [Name in keyof InputKinds<Op>]: RuntimeValues[Extract<InputKinds<Op>[Name], ValueKind>]
}

type OutputValue<Op extends StepOp> = RuntimeValues[OutputKind<Op>]

/** How a step op runs; `Context` is what rules may use while it does. */
export interface StepRule<Op extends StepOp, Context> {
  /** Files whose identity shapes the result, by the document's names. */
  files?(attributes: StepAttributes[Op]): readonly string[]
  /** The same of files that may be missing. */
  optionalFiles?(attributes: StepAttributes[Op]): readonly string[]
  run(context: Context, inputs: InputValues<Op>, attributes: StepAttributes[Op]): Promise<OutputValue<Op>>
  /** What the value weighs while it is kept, in bytes. */
  bytes?(value: OutputValue<Op>): number
}

/** A rule for every op. */
export type StepRules<Context> = { readonly [Op in StepOp]: StepRule<Op, Context> }

/** A rule whose op is not known before run time. */
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
  /** What the rule of a step is given. */
  contextOf(running: RunningStep): Context
  readonly cache: StepCache
  /** Where sessions run: it shapes the numbers. */
  readonly device: Pick<Device, 'name'>
  readonly signal: AbortSignal
  emit(event: RunEvent): void
  /** Changes when a file's bytes change. */
  identify(file: string): Promise<string>
}

/**
 * Walks the plan, reusing every step whose key it has; effects always happen.
 * @returns how many steps the plan has, how many were reused, and how many sessions were created
 * @throws LoomError of the step that failed, said of its node; `cancelled` between two steps
 */
export async function execute<Context>(
  plan: Plan,
  options: ExecutorOptions<Context>,
): Promise<{ steps: number; reused: number; sessions: number }> {
  const keys = await stepKeys(plan, options)
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
    const value = await runStep(step, plan.nodesOf(step)[0], values, options)
    values.set(step, value)
    for (const node of plan.nodesOf(step)) {
      const steps = left.get(node)
      if (steps?.delete(step) && steps.size === 0) options.emit({ type: 'node-done', node })
    }
    if (!ops[step.op].effect) options.cache.set(key, value, ruleOf(step, options.rules).bytes?.(value) ?? 0)
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

/** How many steps that will run use each step: after the last one its value may go. */
function countUses(wanted: ReadonlyMap<Step, boolean>): Map<Step, number> {
  const uses = new Map<Step, number>()
  for (const [step, run] of wanted) {
    if (run) for (const input of Object.values(step.inputs)) uses.set(input, (uses.get(input) ?? 0) + 1)
  }
  return uses
}

/** @throws LoomError what the step's rule throws, said of the node */
export async function runStep<Context>(
  step: Step,
  node: string | undefined,
  values: ReadonlyMap<Step, RuntimeValue>,
  options: ExecutorOptions<Context>,
): Promise<RuntimeValue> {
  const inputs = Object.fromEntries(Object.entries(step.inputs).map(([name, input]) => [name, values.get(input)]))
  const context = options.contextOf({
    step,
    signal: options.signal,
    emit: (event) => options.emit(stamped(event, node)),
    makeRoom: (bytes) => options.cache.makeRoom(bytes),
  })
  try {
    return await ruleOf(step, options.rules).run(context, inputs, step.attributes)
  } catch (error) {
    if (error instanceof LoomError) throw node === undefined ? error : error.at(node)
    throw new LoomError('internal', `The step ${step.op} failed: ${error instanceof Error ? error.message : error}`, {
      ...(node === undefined ? {} : { node }),
      cause: error,
    })
  }
}

/** The rule of a step; the table is typed by op, a step in hand is not. */
function ruleOf<Context>(step: Step, rules: StepRules<Context>): AnyRule<Context> {
  return rules[step.op] as AnyRule<Context>
}

/**
 * A step's key: its op, attributes, inputs' keys, the identity of the files that it names, and what shapes the numbers.
 */
async function stepKeys<Context>(plan: Plan, options: ExecutorOptions<Context>): Promise<ReadonlyMap<Step, string>> {
  const keys = new Map<Step, string>()
  for (const step of plan.steps) {
    const rule = ruleOf(step, options.rules)
    const files = rule.files?.(step.attributes) ?? []
    const optional = rule.optionalFiles?.(step.attributes) ?? []
    const node = plan.nodesOf(step)[0]
    const identities = await Promise.all([
      ...files.map((file) =>
        options.identify(file).catch((error: unknown) => {
          throw error instanceof LoomError && node !== undefined ? error.at(node, 'file') : error
        }),
      ),
      ...optional.map((file) => options.identify(file).catch(() => 'missing')),
    ])
    const inputs = Object.keys(step.inputs)
      .sort()
      .map((name) => [name, step.inputs[name] && keys.get(step.inputs[name])])
    const parts = [implementation, options.device.name, step.op, sorted(step.attributes), inputs, identities]
    keys.set(step, createHash('sha256').update(JSON.stringify(parts)).digest('hex'))
  }
  return keys
}

function keyOf(keys: ReadonlyMap<Step, string>, step: Step): string {
  const key = keys.get(step)
  if (key === undefined) throw new LoomError('internal', `The step %${step.id} has no key.`)
  return key
}
