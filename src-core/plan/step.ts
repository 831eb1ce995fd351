import type { InputKinds, OutputKind, StepAttributes, StepOp, ValueKind } from './ops.ts'

/** One step of a plan. Equal steps are one object (`Plan` hash-conses them), except effects. */
export interface Step<K extends ValueKind = ValueKind, Op extends StepOp = StepOp> {
  /** Position in the plan. Inputs come before their users. */
  readonly id: number
  readonly op: Op
  readonly kind: K
  readonly inputs: Readonly<Record<string, Step>>
  readonly attributes: StepAttributes[Op]
}

/** The input steps of an op by name. Optional ones may be undefined. */
export type InputSteps<Op extends StepOp> = {
  readonly [Name in keyof InputKinds<Op>]: Step<Extract<InputKinds<Op>[Name], ValueKind>>
}

/** A step of a known op, with typed attributes and inputs. */
export type StepOf<Op extends StepOp> = Step<OutputKind<Op>, Op> & { readonly inputs: InputSteps<Op> }

/** Narrows a step to one op. */
export function isOp<Op extends StepOp>(step: Step, op: Op): step is StepOf<Op> {
  return step.op === op
}

/** Narrows a step to one kind of value. */
export function isKind<K extends ValueKind>(step: Step, kind: K): step is Step<K> {
  return step.kind === kind
}
