import { LoomError } from '#core/errors.ts'
import {
  type InputKinds,
  type OutputKind,
  ops,
  type SharedKinds,
  type StepAttributes,
  type StepOp,
  type ValueKind,
} from './ops.ts'
import type { InputSteps, Step } from './step.ts'

type Inputs = Readonly<Record<string, Step | undefined>>

/** The kind of each step that is given. */
type KindsOf<Given> = { readonly [Name in keyof Given]: Given[Name] extends Step<infer K> ? K : never }

/** What a row asks of its inputs together: some share a kind, and there are no others. */
type Together<Op extends StepOp, Given> = {
  readonly [Name in keyof SharedKinds<Op>]: Step<
    Extract<SharedKinds<Op>[Name] extends keyof Given ? KindsOf<Given>[SharedKinds<Op>[Name]] : never, ValueKind>
  >
} & (string extends keyof Given ? unknown : { readonly [Name in Exclude<keyof Given, keyof InputKinds<Op>>]: never })

/** What a node's `lower` may do with a plan: it takes symbolic values and returns symbolic values, and never opens a file. */
export type PlanBuilder = Pick<Plan, 'step'>

/**
 * A DAG of typed steps. Equal steps are one object, so two branches that ask for the same prompt share its encoding;
 * effects are kept apart and are never merged.
 */
export class Plan {
  readonly #steps: Step[] = []
  readonly #known = new Map<string, Step>()
  readonly #nodes = new Map<Step, Set<string>>()
  #node: string | undefined

  /** Every step, inputs before what uses them. */
  get steps(): readonly Step[] {
    return this.#steps
  }

  /** The roots: what the plan is run for. */
  get effects(): readonly Step[] {
    return this.#steps.filter((step) => ops[step.op].effect)
  }

  /** Ids of the workflow's nodes that asked for a step, in the order of asking. */
  nodesOf(step: Step): readonly string[] {
    return [...(this.#nodes.get(step) ?? [])]
  }

  /** Books every step that `body` asks for to a node of the workflow. */
  forNode<T>(node: string, body: () => T): T {
    const outer = this.#node
    this.#node = node
    try {
      return body()
    } finally {
      this.#node = outer
    }
  }

  /** The step with this op, inputs and attributes: the one that is there, or a new one. */
  step<Op extends StepOp, Given extends InputSteps<Op>>(
    op: Op,
    inputs: Given & Together<Op, Given>,
    attributes: StepAttributes[Op],
  ): Step<OutputKind<Op, KindsOf<Given>>> {
    // The row of the op gives both the kind that is asked for and that of the step.
    return this.add({ op, attributes }, inputs) as Step<OutputKind<Op, KindsOf<Given>>>
  }

  /**
   * A step like another, of other inputs: what passes ask for, who do not know the op. `verifyPlan` finds inputs that do not fit.
   * @throws LoomError `internal` when the input is missing that the kind of the result depends on
   */
  add({ op, attributes }: Pick<Step, 'op' | 'attributes'>, given: Inputs): Step {
    const { output, effect } = ops[op]
    const inputs = Object.fromEntries(Object.entries(given).flatMap(([name, input]) => (input ? [[name, input]] : [])))
    const kind = typeof output === 'string' ? output : inputs[output.sameAs]?.kind
    if (kind === undefined) throw new LoomError('internal', `The step ${op} lacks the input that its kind depends on.`)
    const key = effect ? undefined : JSON.stringify([op, idsByName(inputs), sorted(attributes)])
    const known = key === undefined ? undefined : this.#known.get(key)
    const step = known ?? { id: this.#steps.length, op, kind, inputs, attributes }
    if (known === undefined) {
      this.#steps.push(step)
      if (key !== undefined) this.#known.set(key, step)
    }
    if (this.#node !== undefined) this.book(step, [this.#node])
    return step
  }

  /** Books a step to nodes; a pass carries the bookings over with it. */
  book(step: Step, nodes: readonly string[]): void {
    const booked = this.#nodes.get(step) ?? new Set()
    for (const node of nodes) booked.add(node)
    this.#nodes.set(step, booked)
  }
}

function idsByName(inputs: Step['inputs']): readonly (readonly [string, number])[] {
  return Object.keys(inputs)
    .sort()
    .map((name) => [name, inputs[name]?.id ?? -1])
}

/** Attributes with their keys in one order at every depth, so that equal ones print equally. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  )
}
