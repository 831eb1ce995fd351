import type { LoomError } from '#core/errors.ts'
import type { PlanBuilder } from '#core/plan/plan.ts'
import type { Facts } from '#core/types/facts.ts'
import type { Kind, TypeOf } from '#core/types/types.ts'
import type { JsonObject } from '#core/workflow/json.ts'
import type { Migrations } from '#core/workflow/migrations.ts'
import type { Axis } from '#core/workflow/node-type.ts'
import type { EachPort, LinkKind, LinkPort, LoweredOf, ValueInput } from './ports.ts'

type Inputs = Readonly<Record<string, LinkPort | ValueInput<Kind, number | string, boolean>>>
type Outputs = Readonly<Record<string, LinkPort>>

type WhereOptional<Input> = Input extends LinkPort<LinkKind, true> | ValueInput<Kind, number | string, true>
  ? undefined
  : never

/** Types of the inputs, for `infer`: undefined for open inputs, narrowed to the value for constants. */
type InputTypes<I extends Inputs> = {
  readonly [N in keyof I]: I[N]['type'] | WhereOptional<I[N]>
}

/** Arguments of `lower`: values for constants, steps for links. */
type Arguments<I extends Inputs> = {
  readonly [N in keyof I]: I[N] extends EachPort<infer K>
    ? readonly LoweredOf[K][]
    : I[N] extends LinkPort<infer K, infer Optional>
      ? LoweredOf[K] | (Optional extends true ? undefined : never)
      : I[N] extends ValueInput<infer _, infer V, boolean>
        ? V | WhereOptional<I[N]>
        : never
}

/** The inputs that hold constants. */
type Constants<I extends Inputs> = {
  readonly [N in keyof I]?: I[N] extends ValueInput<infer _, infer V, boolean> ? V : never
}

type OutputTypes<O extends Outputs> = { readonly [N in keyof O]: O[N]['type'] | TypeOf<'nothing'> }

/** Results of `lower`. An optional output may be undefined. */
type Results<O extends Outputs> = {
  readonly [N in keyof O]: O[N] extends LinkPort<infer K, infer Optional>
    ? LoweredOf[K] | (Optional extends true ? undefined : never)
    : never
}

interface Definition<I extends Inputs, O extends Outputs> {
  /** The node's name in documents: lower-case letters, digits and dashes. It never changes. */
  readonly type: string
  /** Increases with every change of the inputs' names or meaning; `migrate` then converts old inputs. */
  readonly version: number
  readonly category: string
  readonly title: string
  readonly description: string
  readonly docs: string
  readonly inputs: I
  readonly outputs: O
  readonly effect?: true
  readonly migrate?: Migrations<JsonObject>
  infer(inputs: InputTypes<I>, facts: Facts): OutputTypes<O>
  check?(inputs: InputTypes<I>, facts: Facts): LoomError | undefined
  advise?(inputs: InputTypes<I>, facts: Facts, constants: Constants<I>): LoomError | readonly LoomError[] | undefined
  vary?(inputs: Constants<I>): readonly Axis[]
  lower(plan: PlanBuilder, inputs: Arguments<I>, types: InputTypes<I>, titleOf: (input: string) => string): Results<O>
}

type Labelled<P> = { readonly [N in keyof P]: P[N] & { readonly label: string } }

/** Defines a node for editor, validator and compiler. `infer`, `check` and `lower` must be pure. */
export function defineNode<const I extends Inputs, const O extends Outputs>(
  definition: Definition<I, O>,
): Omit<Definition<I, O>, 'inputs' | 'outputs'> & { readonly inputs: Labelled<I>; readonly outputs: Labelled<O> } {
  return { ...definition, inputs: labelled(definition.inputs), outputs: labelled(definition.outputs) }
}

function labelled<P extends Inputs>(ports: P): Labelled<P> {
  const entries = Object.entries(ports).map(([name, port]) => [name, { ...port, label: port.label ?? labelOf(name) }])
  return Object.fromEntries(entries)
}

/** The label of a field: "Original steps" for `originalSteps`, "CLIP strength" for `clipStrength`. */
function labelOf(name: string): string {
  const words = name
    .replace(/[A-Z]/g, (capital) => ` ${capital.toLowerCase()}`)
    .replace(/\b(vae|clip)\b/g, (acronym) => acronym.toUpperCase())
  return words.charAt(0).toUpperCase() + words.slice(1)
}
