import type { Step } from '#core/plan/step.ts'
import { type FileKind, type Kind, type TypeOf, UNKNOWN } from '#core/types/types.ts'

/** What flows along links of the kinds that a plan has steps for. */
export interface LoweredOf {
  model: Step<'model'>
  clip: Step<'clip'>
  vae: Step<'vae'>
  conditioning: Step<'conditioning'>
  latent: Step<'latent'>
  image: Step<'image'>
  scheduler: Step<'scheduler'>
}
export type LinkKind = keyof LoweredOf

interface Words {
  /** The name of the field; made of the input's own name if left out. */
  readonly label?: string
  readonly description: string
  readonly advanced?: boolean
}

/** An input or an output that only a link fills. */
export interface LinkPort<K extends LinkKind = LinkKind, Optional extends boolean = boolean> extends Words {
  readonly type: TypeOf<K>
  readonly optional: Optional
}

/** An input that holds a constant of type `V` or takes one by a link. */
export interface ValueInput<K extends Kind = Kind, V extends number | string = number | string> extends Words {
  readonly type: TypeOf<K>
  readonly default?: V
  readonly step?: number
  readonly multiline?: boolean
  readonly titles?: Readonly<Record<string, string>>
  readonly accept?: readonly string[]
}

interface Range extends Words {
  readonly default: number
  readonly min: number
  readonly max: number
  readonly step?: number
}

/** A whole number; `multipleOf` also leaves out what lies between. */
export function int({ min, max, multipleOf = 1, ...rest }: Range & { multipleOf?: number }): ValueInput<'int', number> {
  return { step: multipleOf, ...rest, type: { kind: 'int', min, max, multipleOf } }
}

export function float({ min, max, ...rest }: Range): ValueInput<'float', number> {
  return { step: 0.1, ...rest, type: { kind: 'float', min, max } }
}

export function text(options: Words & { default?: string; multiline?: boolean }): ValueInput<'text', string> {
  return { default: '', ...options, type: { kind: 'text' } }
}

/** A seed as a decimal string, 0 to 2^64 - 1. */
export function seed(words: Words): ValueInput<'seed', string> {
  return { default: '0', ...words, type: { kind: 'seed' } }
}

/** One of named options; `options` gives each its title. */
export function choice<V extends string>({
  options,
  ...rest
}: Words & { options: Readonly<Record<V, string>>; default: NoInfer<V> }): ValueInput<'choice', V> {
  return { ...rest, titles: options, type: { kind: 'choice', options: Object.keys(options) } }
}

/** The name of a file of a kind; has to be chosen. */
export function file({
  kind,
  ...rest
}: Words & { kind: FileKind; accept: readonly string[] }): ValueInput<'file', string> {
  return { ...rest, type: { kind: 'file', of: kind, name: UNKNOWN } }
}

const linkTypes: { readonly [K in LinkKind]: TypeOf<K> } = {
  model: { kind: 'model', family: UNKNOWN },
  clip: { kind: 'clip', family: UNKNOWN },
  vae: { kind: 'vae', family: UNKNOWN },
  conditioning: { kind: 'conditioning', family: UNKNOWN },
  latent: { kind: 'latent', channels: UNKNOWN, width: UNKNOWN, height: UNKNOWN },
  image: { kind: 'image', width: UNKNOWN, height: UNKNOWN },
  scheduler: { kind: 'scheduler' },
}

/** A maker of ports of a kind that only links carry: inputs, and outputs alike. */
const linked =
  <K extends LinkKind>(kind: K) =>
  <W extends Words & { optional?: true }>(words: W): LinkPort<K, IsOptional<W>> => ({
    ...words,
    optional: (words.optional ?? false) as IsOptional<W>,
    type: linkTypes[kind],
  })

type IsOptional<W> = W extends { optional: true } ? true : false

export const model = linked('model')
export const clip = linked('clip')
export const vae = linked('vae')
export const conditioning = linked('conditioning')
export const latent = linked('latent')
export const image = linked('image')
export const scheduler = linked('scheduler')
