import type { ValueKind } from '#core/plan/ops.ts'
import type { Step } from '#core/plan/step.ts'
import { type FileKind, type Kind, type TypeOf, UNKNOWN } from '#core/types/types.ts'
import type { InputPort } from '#core/workflow/node-type.ts'

/** Kinds that nodes hand out along links: what steps give, and numbers. */
export type LinkKind = Extract<Kind, ValueKind> | 'float'

/** What flows along the links of each. */
export type LoweredOf = { readonly [K in LinkKind]: K extends ValueKind ? Step<K> : number }

interface Words {
  /** The label of the field; absent: derived from the input's name. */
  readonly label?: string
  readonly description: string
  readonly advanced?: boolean
}

/** An input that only a link can set, or an output. */
export interface LinkPort<K extends LinkKind = LinkKind, Optional extends boolean = boolean> extends Words {
  readonly type: TypeOf<K>
  readonly optional: Optional
}

/** A link whose value is computed once for each cell of the node's axes. */
export interface EachPort<K extends LinkKind = LinkKind> extends LinkPort<K, false> {
  readonly each: true
}

/** An input with a constant of type `V`, or with a link to one. */
export interface ValueInput<
  K extends Kind = Kind,
  V extends number | string = number | string,
  Optional extends boolean = false,
> extends Words {
  readonly type: TypeOf<K>
  readonly default?: V
  /** May be left open, which means none. */
  readonly optional?: Optional
  readonly step?: number
  readonly suits?: InputPort['suits']
  readonly multiline?: InputPort['multiline']
  readonly titles?: Readonly<Record<string, string>>
  readonly accept?: readonly string[]
  readonly about?: string
}

interface Range extends Words {
  readonly default: number
  readonly min: number
  readonly max: number
  readonly step?: number
  readonly suits?: InputPort['suits']
}

/** A whole number; with `multipleOf` only multiples of it. */
export function int({ min, max, multipleOf = 1, ...rest }: Range & { multipleOf?: number }): ValueInput<'int', number> {
  return { step: multipleOf, ...rest, type: { kind: 'int', min, max, multipleOf } }
}

export function float({ min, max, ...rest }: Range): ValueInput<'float', number> {
  return { step: 0.1, ...rest, type: { kind: 'float', min, max } }
}

export function text(
  options: Words & { default?: string; multiline?: InputPort['multiline'] },
): ValueInput<'text', string> {
  return { default: '', ...options, type: { kind: 'text' } }
}

/** The name of another node's input, `node.input`. */
export function inputName(words: Words): ValueInput<'text', string> & { readonly names: 'inputs' } {
  return { ...text(words), names: 'inputs' }
}

/** A seed as a decimal string, 0 to 2^64 - 1. */
export function seed(words: Words): ValueInput<'seed', string> {
  return { default: '0', ...words, type: { kind: 'seed' } }
}

/** One of several options. `options` maps their names to titles. */
export function choice<V extends string>({
  options,
  ...rest
}: Words & { options: Readonly<Record<V, string>>; default: NoInfer<V>; about?: string }): ValueInput<'choice', V> {
  return { ...rest, titles: options, type: { kind: 'choice', options: Object.keys(options) } }
}

interface FileWords extends Words {
  readonly kind: FileKind
  readonly accept: readonly string[]
}

/** The name of a file of a kind. It must be chosen. */
export function file({ kind, ...rest }: FileWords): ValueInput<'file', string> {
  return { ...rest, type: { kind: 'file', of: kind, name: UNKNOWN } }
}

/** The name of a file of a kind, or none. */
export function optionalFile(words: FileWords): ValueInput<'file', string, true> {
  return { ...file(words), optional: true }
}

/** A constructor of input and output ports of a kind that has no constants. */
const linked =
  <K extends LinkKind>(type: TypeOf<K>) =>
  <W extends Words & { optional?: true }>(words: W): LinkPort<K, IsOptional<W>> => ({
    ...words,
    optional: (words.optional ?? false) as IsOptional<W>,
    type,
  })

type IsOptional<W> = W extends { optional: true } ? true : false

export const model = linked<'model'>({ kind: 'model', family: UNKNOWN })
export const clip = linked<'clip'>({ kind: 'clip', family: UNKNOWN })
export const vae = linked<'vae'>({ kind: 'vae', family: UNKNOWN })
export const conditioning = linked<'conditioning'>({ kind: 'conditioning', family: UNKNOWN })
export const latent = linked<'latent'>({ kind: 'latent', channels: UNKNOWN, width: UNKNOWN, height: UNKNOWN })
export const image = linked<'image'>({ kind: 'image', width: UNKNOWN, height: UNKNOWN })
/** A picture that is computed once for each cell of the node's axes. */
export const eachImage = (words: Words): EachPort<'image'> => ({ ...image(words), each: true })
export const mask = linked<'mask'>({ kind: 'mask' })
export const scheduler = linked<'scheduler'>({ kind: 'scheduler' })
/** A number computed by a node. */
export const number = linked<'float'>({ kind: 'float', min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY })
