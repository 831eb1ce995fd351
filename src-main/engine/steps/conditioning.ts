import { LoomError } from '#core/errors.ts'
import type { ConditioningCombination, ConditioningEdit } from '#core/plan/conditioning-edit.ts'
import { requireSkip } from '../models/networks/text-encoder.ts'
import type { Conditioning, ConditioningPart } from '../runtime/values.ts'
import { type FloatTensor, zeros } from '../tensor/float-tensor.ts'
import { joined } from '../tensor/linear.ts'
import type { StepRule } from './context.ts'

export const clipSkip: StepRule<'clip-skip'> = {
  async run(_context, { clip }, { skip }) {
    requireSkip(clip, skip)
    return { ...clip, skip }
  },
}

export const editConditioning: StepRule<'edit-conditioning'> = {
  bytes: conditioningBytes,
  run: async (_context, { conditioning }, { edit }) =>
    withParts(conditioning, (part) => ({ ...part, ...edited(part, edit) })),
}

export const maskConditioning: StepRule<'mask-conditioning'> = {
  bytes: conditioningBytes,
  async run(_context, { conditioning, mask: { tensor } }, { strength }) {
    const [, , height = 0, width = 0] = tensor.shape
    const mask = { data: tensor.data.slice(0, height * width), shape: [1, 1, height, width] }
    return withParts(conditioning, (part) => ({ ...part, mask, strength: part.strength * strength }))
  },
}

export const combineConditionings: StepRule<'combine-conditionings'> = {
  bytes: conditioningBytes,
  run: async (_context, { first, second }, { how }) => combined(first, second, how),
}

export function conditioningBytes({ parts }: Conditioning): number {
  return parts.reduce((sum, { context, mask }) => sum + context.data.byteLength + (mask?.data.byteLength ?? 0), 0)
}

function withParts({ parts: [first, ...rest] }: Conditioning, change: (part: ConditioningPart) => ConditioningPart) {
  return { parts: [change(first), ...rest.map(change)] } satisfies Conditioning
}

/** The fields of a part that an edit changes. */
function edited(part: ConditioningPart, edit: ConditioningEdit): Partial<ConditioningPart> {
  switch (edit.kind) {
    case 'area':
      return { area: edit.area, strength: part.strength * edit.strength }
    case 'range':
      return { range: [edit.start, edit.end] }
    case 'size':
      return { size: edit.size }
    case 'zero':
      return { context: zeros(part.context.shape), ...(part.pooled && { pooled: zeros(part.pooled.shape) }) }
  }
}

function combined(first: Conditioning, second: Conditioning, how: ConditioningCombination): Conditioning {
  if (how.kind === 'combine') return { parts: [...first.parts, ...second.parts] }
  // as in ComfyUI, only the first part of the second is used, for every part of the first
  const [{ context, pooled }] = second.parts
  if (how.kind === 'concat') {
    return withParts(first, (part) => ({ ...part, context: concatenated(part.context, context) }))
  }
  return withParts(first, (part) => ({
    ...part,
    context: average(part.context, context, how.amount),
    ...(part.pooled && pooled && { pooled: average(part.pooled, pooled, how.amount) }),
  }))
}

/** `(1, tokens, width)` with the tokens of both. */
function concatenated(a: FloatTensor, b: FloatTensor): FloatTensor {
  requireWidth(a, b)
  return { data: joined([a.data, b.data]), shape: [1, (a.shape[1] ?? 0) + (b.shape[1] ?? 0), a.shape[2] ?? 0] }
}

/** `a` with the share `amount` of `b`. `b` is cut, or padded with zeros, to the length of `a`. */
function average(a: FloatTensor, b: FloatTensor, amount: number): FloatTensor {
  requireWidth(a, b)
  return { data: a.data.map((value, i) => (1 - amount) * value + amount * (b.data[i] ?? 0)), shape: a.shape }
}

function requireWidth(a: FloatTensor, b: FloatTensor): void {
  if (a.shape.at(-1) === b.shape.at(-1)) return
  throw new LoomError('mismatch', `Contexts of width ${a.shape.at(-1)} and ${b.shape.at(-1)} do not go together.`, {
    input: 'second',
    hint: 'Make both with the text encoder of one checkpoint.',
  })
}
