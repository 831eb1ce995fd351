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

/** The kind of each given step. */
type KindsOf<Given> = { readonly [Name in keyof Given]: Given[Name] extends Step<infer K> ? K : never }

/** Constraints between the inputs of an op: some share a kind, and unknown names are errors. */
type Together<Op extends StepOp, Given> = {
  readonly [Name in keyof SharedKinds<Op>]: Step<
    Extract<SharedKinds<Op>[Name] extends keyof Given ? KindsOf<Given>[SharedKinds<Op>[Name]] : never, ValueKind>
  >
} & (string extends keyof Given ? unknown : { readonly [Name in Exclude<keyof Given, keyof InputKinds<Op>>]: never })

/** The view of a plan for a node's `lower`, which only adds steps. It never opens a file. */
export type PlanBuilder = Pick<Plan, 'step'>

/**
 * A DAG of typed steps. Equal steps are one object, so two branches with the same prompt share its encoding.
 * Effects are never merged.
 */
export class Plan {
  readonly #steps: Step[] = []
  readonly #known = new Map<string, Step>()
  readonly #nodes = new Map<Step, Set<string>>()
  #node: string | undefined

  /** All steps, inputs before their users. */
  get steps(): readonly Step[] {
    return this.#steps
  }

  /** The roots of the plan. */
  get effects(): readonly Step[] {
    return this.#steps.filter((step) => ops[step.op].effect)
  }

  /** Ids of the workflow's nodes that requested a step, in the order of the requests. */
  nodesOf(step: Step): readonly string[] {
    return [...(this.#nodes.get(step) ?? [])]
  }

  /** Books every step that `body` requests to a node of the workflow. */
  forNode<T>(node: string, body: () => T): T {
    const outer = this.#node
    this.#node = node
    try {
      return body()
    } finally {
      this.#node = outer
    }
  }

  /** The step with this op, inputs and attributes: the existing one, or a new one. */
  step<Op extends StepOp, Given extends InputSteps<Op>>(
    op: Op,
    inputs: Given & Together<Op, Given>,
    attributes: StepAttributes[Op],
  ): Step<OutputKind<Op, KindsOf<Given>>> {
    // Both kinds come from the row of the op.
    return this.add({ op, attributes }, inputs) as Step<OutputKind<Op, KindsOf<Given>>>
  }

  /**
   * A step like another with other inputs, for passes that do not know the op. `verifyPlan` detects wrong inputs.
   * @throws LoomError `internal` if the input that determines the kind of the result is missing
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

  /** Books a step to nodes. Passes use it to carry bookings over. */
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

/** The value with keys sorted at every depth, so that equal values print equally. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  )
}
