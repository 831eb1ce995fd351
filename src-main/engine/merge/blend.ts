import { LoomError } from '#core/errors.ts'
import type { ChangeKind, NetworkWeights, TensorRef, WeightDelta } from '../models/weights.ts'

/**
 * `(1 - share) A + share B` including adapters, expressed as changes of A's weights. Nothing is computed until a
 * session or a file is made.
 * @throws LoomError `mismatch` with the first tensor that is missing in one or differs in shape; `unsupported` for
 *   adapters on B whose change depends on B's weights
 */
export function blend(a: NetworkWeights, b: NetworkWeights, share: number): NetworkWeights {
  requireSameShapes(a, b)
  const deltas = new Map<string, readonly WeightDelta[]>()
  for (const name of new Set([...a.tensors.keys(), ...a.deltas.keys(), ...b.deltas.keys()])) {
    const [tensor, other] = [a.tensors.get(name), b.tensors.get(name)]
    const own = (a.deltas.get(name) ?? []).map((delta) => scaled(delta, 1 - share))
    const moved = tensor && other && !sameBytes(tensor, other) ? [towards(other, share)] : []
    const added = (b.deltas.get(name) ?? []).flatMap((delta) => onOther(delta, other ?? tensor, share))
    const all = [...own, ...moved, ...added].filter(({ strength }) => strength !== 0)
    if (all.length > 0) deltas.set(name, all)
  }
  return { tensors: a.tensors, deltas }
}

/** `share (tensor - W)` */
function towards(tensor: TensorRef, share: number): WeightDelta {
  const change = { kind: 'replacement', scale: 1, tensor } as const
  return { source: `${tensor.file} ${tensor.name}`, change, strength: share }
}

/** Whether a change depends on the weight in a way that cannot be undone. */
const needsBase: Record<ChangeKind, boolean> = {
  lora: false,
  loha: false,
  lokr: false,
  glora: true,
  dora: true,
  gain: true,
  rotation: true,
  difference: false,
  replacement: false,
}

/** A change of B as changes of A. A replacement depends on its base as `T - B = (T - A) - (B - A)`. */
function onOther(delta: WeightDelta, tensor: TensorRef | undefined, share: number): WeightDelta[] {
  const { kind } = delta.change
  if (needsBase[kind]) {
    const message = `An adapter of the second model is of the kind ${kind}, whose change depends on the weights below it.`
    throw new LoomError('unsupported', message, {
      hint: 'Take this model as the first one, or save it as a checkpoint and merge that.',
    })
  }
  const added = scaled(delta, share)
  if (!tensor || kind !== 'replacement' || typeof added.strength !== 'number') return [added]
  return [added, towards(tensor, -added.strength)]
}

function scaled(delta: WeightDelta, factor: number): WeightDelta {
  if (typeof delta.strength === 'number') return { ...delta, strength: delta.strength * factor }
  throw new LoomError('internal', 'A merged model cannot follow a live strength.')
}

/** Whether two tensors are the same bytes of the same file. */
export function sameBytes(a: TensorRef, b: TensorRef | undefined): boolean {
  return a.file === b?.file && a.offset === b.offset && a.byteLength === b.byteLength
}

/** @throws LoomError `mismatch` with the first tensor that is missing in one or differs in shape */
export function requireSameShapes(a: NetworkWeights, b: NetworkWeights): void {
  for (const name of new Set([...a.tensors.keys(), ...b.tensors.keys()])) {
    const [one, two] = [a.tensors.get(name)?.shape, b.tensors.get(name)?.shape]
    if (String(one) === String(two)) continue
    const said = (shape: readonly number[] | undefined) => (shape ? `[${shape.join(', ')}]` : 'nothing')
    throw new LoomError(
      'mismatch',
      `The models differ in shape: ${name} is ${said(one)} in one, ${said(two)} in the other.`,
      {
        hint: 'Only models of one architecture can be merged.',
      },
    )
  }
}
