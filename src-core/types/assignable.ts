import { type Kind, type Known, type Type, type TypeOf, UNKNOWN } from './types.ts'

/** An unknown fact agrees with everything. */
const agree = <T>(from: Known<T>, to: Known<T>): boolean => from === UNKNOWN || to === UNKNOWN || from === to

const sameFamily = (from: TypeOf<'model' | 'clip' | 'vae' | 'conditioning'>, to: typeof from): boolean =>
  agree(from.family, to.family)

const sameSize = (from: TypeOf<'image' | 'latent'>, to: typeof from): boolean =>
  agree(from.width, to.width) && agree(from.height, to.height)

const within = (from: TypeOf<'int' | 'float'>, to: typeof from): boolean => from.min >= to.min && from.max <= to.max

/** For each kind: whether an input of type `to` accepts a value of type `from`. */
const fits: { readonly [K in Kind]: (from: TypeOf<K>, to: TypeOf<K>) => boolean } = {
  model: sameFamily,
  clip: sameFamily,
  vae: sameFamily,
  conditioning: sameFamily,
  latent: (from, to) => agree(from.channels, to.channels) && sameSize(from, to),
  image: sameSize,
  mask: () => true,
  scheduler: () => true,
  controlnet: () => true,
  int: (from, to) => within(from, to) && (from.min === from.max ? from.min : from.multipleOf) % to.multipleOf === 0,
  float: within,
  text: () => true,
  seed: () => true,
  choice: (from, to) => from.options.every((option) => to.options.includes(option)),
  file: (from, to) => from.of === to.of && agree(from.name, to.name),
  list: (from, to) => assignable(from.of, to.of),
  unknown: () => true,
  nothing: () => false,
}

const fitsOf = <K extends Kind>(kind: K, from: TypeOf<K>, to: TypeOf<K>): boolean => fits[kind](from, to)

/** Whether an input of type `to` accepts a value of type `from` without conversion. */
export function assignable(from: Type, to: Type): boolean {
  if (from.kind === 'unknown' || to.kind === 'unknown') return from.kind !== 'nothing'
  return from.kind === to.kind && fitsOf(from.kind, from, to)
}
