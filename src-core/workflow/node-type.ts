import type { LoomError } from '#core/errors.ts'
import type { PlanBuilder } from '#core/plan/plan.ts'
import type { Step } from '#core/plan/step.ts'
import type { Facts } from '#core/types/facts.ts'
import type { Type } from '#core/types/types.ts'
import type { JsonObject } from './json.ts'
import type { Migrations } from './migrations.ts'

/** A constant of an input: numbers; texts, choices, file names, and seeds as decimal strings. */
export type Constant = number | string

/** What flows along a link when the graph is lowered: a step of the plan, or a constant of a node that gives one. */
export type Lowered = Step | Constant | readonly Lowered[]

/** An output that is undefined is one of type `nothing`. */
export type LoweredOutputs = Readonly<Record<string, Lowered | undefined>>

export interface Port {
  readonly type: Type
  readonly label: string
  readonly description: string
}

/** Values that an input of the document takes in turn. */
export interface Axis {
  /** Name of the varying node's own input that says which input. */
  readonly from: string
  /** A name of the form, or `node.input`. */
  readonly input: string
  /** As typed. */
  readonly values: readonly string[]
}

export interface InputPort extends Port {
  /** What holds where the document says nothing; inputs without one need a link or a choice. */
  readonly default?: Constant
  /** May be left open. */
  readonly optional?: boolean
  /** Shown only when asked for. */
  readonly advanced?: boolean
  /** How far one step of the field goes. */
  readonly step?: number
  /** A text of several lines: what a text encoder reads, or a list of values. */
  readonly multiline?: 'prompt' | 'list'
  /** Titles of the options of a choice. */
  readonly titles?: Readonly<Record<string, string>>
  /** File name extensions that a file field offers. */
  readonly accept?: readonly string[]
  /** The field offers what has such a name: the inputs of the other nodes, as `node.input`. */
  readonly names?: 'inputs'
  /** A link whose value is wanted once for each cell of the node's axes, row by row. */
  readonly each?: boolean
}

/**
 * A kind of node, as editor, validator and compiler see it. `infer`, `check` and `lower` are pure: equal arguments give equal
 * results, nothing is read but the arguments, nothing is changed.
 */
export interface NodeType {
  readonly type: string
  readonly version: number
  readonly category: string
  readonly title: string
  readonly description: string
  /** Markdown for the help panel: what it is for and how to set it. */
  readonly docs?: string
  readonly inputs: Readonly<Record<string, InputPort>>
  readonly outputs: Readonly<Record<string, Port>>
  /** What it does outlives the run, so a run is for its sake. */
  readonly effect?: true
  /** Types of the outputs; an open input is undefined, a constant is narrowed to its value. */
  infer(inputs: Readonly<Record<string, Type | undefined>>, facts: Facts): Readonly<Record<string, Type>>
  /** What is wrong between inputs that fit one by one. */
  check?(inputs: Readonly<Record<string, Type | undefined>>, facts: Facts): LoomError | undefined
  /** What will run and yet disappoint: said before the run, never in its way. */
  advise?(inputs: Readonly<Record<string, Type | undefined>>, facts: Facts): LoomError | undefined
  /** The axes along which the nodes before this one are varied, by the constants of its inputs. */
  vary?(inputs: Readonly<Record<string, Constant>>): readonly Axis[]
  /** @param types those of the inputs, as `infer` sees them */
  lower(
    plan: PlanBuilder,
    inputs: Readonly<Record<string, Lowered | undefined>>,
    types: Readonly<Record<string, Type | undefined>>,
  ): LoweredOutputs
  /** The migrations of its inputs to version 2 and later. */
  readonly migrate?: Migrations<JsonObject>
}

/** Every type of node by its name. */
export type Catalogue = ReadonlyMap<string, NodeType>
