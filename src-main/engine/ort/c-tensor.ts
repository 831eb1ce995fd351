import type { Api } from './api.ts'
import type { Address } from './api-table.ts'
import type { ElementArrays, ElementType, OrtTensor } from './binding.ts'
import { Handle, made, written } from './handle.ts'
import { countOf, intOf } from './memory.ts'

/** `ONNXTensorElementDataType`, and how the elements are read. */
const elements = {
  float32: { code: 1, of: (bytes: ArrayBuffer) => new Float32Array(bytes), size: 4 },
  uint8: { code: 2, of: (bytes: ArrayBuffer) => new Uint8Array(bytes), size: 1 },
  int32: { code: 6, of: (bytes: ArrayBuffer) => new Int32Array(bytes), size: 4 },
  int64: { code: 7, of: (bytes: ArrayBuffer) => new BigInt64Array(bytes), size: 8 },
  float16: { code: 10, of: (bytes: ArrayBuffer) => new Uint16Array(bytes), size: 2 },
} as const satisfies {
  [T in ElementType]: { code: number; of: (bytes: ArrayBuffer) => ElementArrays[T]; size: number }
}

/** @throws Error for a type that no network of ours has at its edges */
function elementType(code: number): ElementType {
  const types = Object.keys(elements) as ElementType[]
  const type = types.find((candidate) => elements[candidate].code === code)
  if (type === undefined) throw new Error(`A tensor has elements of ONNX type ${code}, which is not supported.`)
  return type
}

/** A tensor in native memory, or over an array of JavaScript. */
export class CTensor implements OrtTensor {
  readonly type: ElementType
  readonly shape: readonly number[]
  readonly handle: Handle
  readonly #api: Api

  constructor(api: Api, handle: Handle, type: ElementType, shape: readonly number[]) {
    this.#api = api
    this.handle = handle
    this.type = type
    this.shape = shape
  }

  data(): ElementArrays[ElementType] {
    const { calls, copy } = this.#api
    const { of, size } = elements[this.type]
    const count = this.shape.reduce((product, length) => product * length, 1)
    const from = written((into) => calls.GetTensorMutableData(this.handle.address, into))
    return of(copy(from, count * size))
  }

  release(): void {
    this.handle.release()
  }
}

/**
 * A tensor over an array. The array is held as long as the tensor.
 * @param memory `OrtMemoryInfo` of the processor
 * @throws Error if the shape asks for more elements
 */
export function tensorOver<T extends ElementType>(
  api: Api,
  memory: Address,
  type: T,
  data: ElementArrays[T],
  shape: readonly number[],
): CTensor {
  const { calls } = api
  const sizes = BigInt64Array.from(shape, BigInt)
  const handle = made(
    (into) =>
      calls.CreateTensorWithDataAsOrtValue(
        memory,
        // a typed array of few elements may lie in V8's heap, which moves, until its buffer is asked for
        new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
        data.byteLength,
        sizes,
        sizes.length,
        elements[type].code,
        into,
      ),
    calls.ReleaseValue,
    data,
  )
  return new CTensor(api, handle, type, shape)
}

/** A tensor that a session made. */
export function tensorAt(api: Api, address: Address): CTensor {
  const { calls } = api
  const handle = new Handle(address, calls.ReleaseValue)
  using info = made((into) => calls.GetTensorTypeAndShape(address, into), calls.ReleaseTensorTypeAndShapeInfo)
  return new CTensor(api, handle, typeOf(api, info.address), sizesOf(api, info.address))
}

/** Element type of an `OrtTensorTypeAndShapeInfo`. */
export function typeOf({ calls }: Api, info: Address): ElementType {
  return elementType(intOf((into) => calls.GetTensorElementType(info, into)))
}

/** Shape of an `OrtTensorTypeAndShapeInfo`. -1: a run decides. */
export function sizesOf({ calls }: Api, info: Address): number[] {
  const sizes = new BigInt64Array(countOf((into) => calls.GetDimensionsCount(info, into)))
  calls.GetDimensions(info, sizes, sizes.length)
  return Array.from(sizes, Number)
}
