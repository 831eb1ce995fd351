import type { LoomError } from '#core/errors.ts'
import type { PlanBuilder } from '#core/plan/plan.ts'
import type { Step } from '#core/plan/step.ts'
import type { Facts } from '#core/types/facts.ts'
import type { Type } from '#core/types/types.ts'
import type { JsonObject } from './json.ts'
import type { Migrations } from './migrations.ts'

/** A constant of an input: a number, or a string for texts, choices, file names and (decimal) seeds. */
export type Constant = number | string

/** The value of a link after lowering: a step of the plan, a constant, or a list of such values. */
export type Lowered = Step | Constant | readonly Lowered[]

/** Lowered values by output name. An output of type `nothing` is undefined. */
export type LoweredOutputs = Readonly<Record<string, Lowered | undefined>>

export interface Port {
  readonly type: Type
  readonly label: string
  readonly description: string
}

/** An axis of a grid: values for an input of the document. */
export interface Axis {
  /** The varying node's input that names the other input. */
  readonly from: string
  /** The input to vary: its name in the form, or `node.input`. */
  readonly input: string
  /** The values, as typed. */
  readonly values: readonly string[]
}

export interface InputPort extends Port {
  /** The value if the document sets none. An input without a default must be set or linked. */
  readonly default?: Constant
  /** May be left open. */
  readonly optional?: boolean
  /** Hidden until the person shows advanced inputs. */
  readonly advanced?: boolean
  /** Increment of the field. */
  readonly step?: number
  /** A new node starts with what suits the model of the workflow: the side of its training pictures. */
  readonly suits?: 'picture-size'
  /** A text of several lines: a prompt, or a list of values. */
  readonly multiline?: 'prompt' | 'list'
  /** Titles of the options of a choice. */
  readonly titles?: Readonly<Record<string, string>>
  /** File name extensions that the file field offers. */
  readonly accept?: readonly string[]
  /** The input whose file it says something about. In the editor, another file there takes this value back. */
  readonly about?: string
  /** The field offers the inputs of other nodes as suggestions, as `node.input`. */
  readonly names?: 'inputs'
  /** A link whose value is computed once for each cell of the node's axes, row by row. */
  readonly each?: boolean
}

/**
 * A type of node, for editor, validator and compiler. `infer`, `check` and `lower` are pure functions, except that
 * `lower` adds steps to its plan.
 */
export interface NodeType {
  readonly type: string
  readonly version: number
  readonly category: string
  readonly title: string
  readonly description: string
  /** Markdown for the help panel: purpose and settings. */
  readonly docs?: string
  readonly inputs: Readonly<Record<string, InputPort>>
  readonly outputs: Readonly<Record<string, Port>>
  /** The node has an effect beyond the run, such as a saved file, so every run includes it. */
  readonly effect?: true
  /** Types of the outputs. The type of an open input is undefined, that of a constant is narrowed to its value. */
  infer(inputs: Readonly<Record<string, Type | undefined>>, facts: Facts): Readonly<Record<string, Type>>
  /** The error of inputs that are valid one by one but do not fit together. */
  check?(inputs: Readonly<Record<string, Type | undefined>>, facts: Facts): LoomError | undefined
  /** Warnings about settings that give poor results, and questions about files. They do not prevent the run. */
  advise?(
    inputs: Readonly<Record<string, Type | undefined>>,
    facts: Facts,
    constants: Readonly<Record<string, Constant>>,
  ): LoomError | readonly LoomError[] | undefined
  /** The axes along which this node varies the nodes before it, from the constants of its inputs. */
  vary?(inputs: Readonly<Record<string, Constant>>): readonly Axis[]
  /**
   * @param types of the inputs, as in `infer`
   * @param titleOf the display name of an input that an axis varies: "Style LoRA: Model strength"
   */
  lower(
    plan: PlanBuilder,
    inputs: Readonly<Record<string, Lowered | undefined>>,
    types: Readonly<Record<string, Type | undefined>>,
    titleOf: (input: string) => string,
  ): LoweredOutputs
  /** The migrations of its inputs to version 2 and later. */
  readonly migrate?: Migrations<JsonObject>
}

/** All types of nodes by name. */
export type Catalogue = ReadonlyMap<string, NodeType>
