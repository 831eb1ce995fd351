import type { default as Koffi, LibraryHandle } from 'koffi'
import {
  type Address,
  type ApiTable,
  type ArgumentKind,
  type Arguments,
  apiTable,
  apiVersion,
  pathEncoding,
  type ResultTypes,
  type Signature,
} from './api-table.ts'
import type { Library } from './library.ts'

/** An error of ONNX Runtime, with its text. */
class OrtError extends Error {
  override readonly name = 'OrtError'
  /** `OrtErrorCode`. */
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

interface Call<S extends Signature> {
  (...given: Arguments<S>): ResultTypes[S['gives']]
  /** The same on another thread. The arguments are held until it ends; what else they point to is the caller's care. */
  later(...given: Arguments<S>): Promise<ResultTypes[S['gives']]>
}

/** The functions of the table. One that gives a status throws it as OrtError. */
type Calls = { readonly [Name in keyof ApiTable]: Call<ApiTable[Name]> }

/** ONNX Runtime's C API, and the native memory behind its addresses. */
export interface Api {
  readonly calls: Calls
  /** Version of the library: `1.30.0`. */
  readonly version: string
  /** The address of memory that JavaScript owns. It holds as long as the array does. */
  address(memory: ArrayBufferView): Address
  /** A copy of native memory. */
  copy(from: Address, bytes: number): ArrayBuffer
  /** The address that stands in native memory. */
  pointerAt(place: Address): Address
  /** The C string at an address. */
  text(from: Address): string
}

/** Bytes of a native call's stack. koffi runs it on a stack of its own, and passes over graphs recurse deeply. */
const stackSize = 8 * 2 ** 20

const argumentTypes: Readonly<Record<ArgumentKind, string>> = {
  pointer: 'void *',
  text: 'str',
  path: pathEncoding === 'utf8' ? 'str' : 'str16',
  int: 'int',
  size: 'size_t',
  bool: 'bool',
}
const resultTypes: Readonly<Record<keyof ResultTypes, string>> = {
  status: 'void *',
  code: 'int',
  text: 'str',
  nothing: 'void',
}

/** Place of GetApi and GetVersionString in `OrtApiBase`. */
const getApi = 0
const getVersionString = 1
const pointerSize = 8

/** koffi unloads a library whose handle is collected, and the addresses of its functions with it. */
const libraries = new Set<LibraryHandle>()

/** Gives calls their stacks. It has to come before koffi loads any library, for it refuses then. */
export function configure(koffi: typeof Koffi): void {
  if (koffi.config().async_stack_size === stackSize) return
  koffi.config({ sync_stack_size: stackSize, async_stack_size: stackSize, resident_async_pools: 1 })
}

/**
 * Opens ONNX Runtime's library, for as long as the process lives.
 * @throws Error if it is none, or lacks the version of the table
 */
export function openApi(koffi: typeof Koffi, { path, companions }: Pick<Library, 'path' | 'companions'>): Api {
  configure(koffi)
  const at = (table: Address, index: number): Address => koffi.decode(table, index * pointerSize, 'void *')
  for (const companion of companions) libraries.add(koffi.load(companion))
  const library = koffi.load(path)
  libraries.add(library)
  const base: Address = library.func('OrtGetApiBase', 'void *', [])()
  const version: string = koffi.decode(at(base, getVersionString), koffi.proto('str', []))()
  requireVersion(version)
  const table: Address | null = koffi.decode(at(base, getApi), koffi.proto('void *', ['uint32']))(apiVersion)
  if (table === null) throw new Error(`ONNX Runtime ${version} does not know version ${apiVersion} of its C API`)

  const native = (name: keyof ApiTable): Native => {
    const { index, takes, gives }: Signature = apiTable[name]
    return koffi.decode(
      at(table, index),
      koffi.proto(
        resultTypes[gives],
        takes.map((kind) => argumentTypes[kind]),
      ),
    )
  }
  const api: Api = {
    calls: callsOf(native),
    version,
    address: (memory) => koffi.address(memory),
    copy: (from, bytes) => (bytes === 0 ? new ArrayBuffer(0) : koffi.view(from, bytes).slice(0)),
    pointerAt: (place) => koffi.decode(place, 'void *'),
    text: (from) => koffi.decode.string(from),
  }
  requireSound(api)
  return api
}

interface Native {
  (...given: readonly unknown[]): unknown
  async(...given: readonly unknown[]): void
}

/** Arguments of calls on other threads. koffi does not hold them, and native code reads them until it ends. */
const underWay = new Set<readonly unknown[]>()

/** The functions of the table as TypeScript calls them. */
function callsOf(native: (name: keyof ApiTable) => Native): Calls {
  const errorCode = native('GetErrorCode')
  const errorText = native('GetErrorMessage')
  const releaseStatus = native('ReleaseStatus')
  const refuse = (status: unknown): undefined => {
    if (status === null) return
    const error = new OrtError(Number(errorCode(status)), String(errorText(status)))
    releaseStatus(status)
    throw error
  }
  const call = (name: keyof ApiTable) => {
    const run = native(name)
    const result: (given: unknown) => unknown = apiTable[name].gives === 'status' ? refuse : (given) => given
    const later = async (...given: readonly unknown[]) => {
      underWay.add(given)
      try {
        const ended = new Promise((resolve, reject) => {
          run.async(...given, (error: unknown, gave: unknown) => (error ? reject(error) : resolve(gave)))
        })
        return result(await ended)
      } finally {
        underWay.delete(given)
      }
    }
    return Object.assign((...given: readonly unknown[]) => result(run(...given)), { later })
  }
  const names = Object.keys(apiTable) as (keyof ApiTable)[]
  // the table's types say what each function takes and gives
  return Object.fromEntries(names.map((name) => [name, call(name)])) as unknown as Calls
}

/** @throws Error if the table may not be that of the library */
function requireVersion(version: string): void {
  const [major = Number.NaN, minor = Number.NaN] = version.split('.').map(Number)
  if (major === 1 && minor >= apiVersion) return
  throw new Error(`ONNX Runtime ${version} was found, and its C API is known from 1.${apiVersion} on`)
}

/** An error that is made has to come back: else the table does not fit, and any call might crash. */
function requireSound({ calls, version }: Api): void {
  const probe = 'Latent Loom asks whether errors come back'
  try {
    calls.CreateStatus(1, probe)
  } catch (error) {
    if (error instanceof OrtError && error.code === 1 && error.message === probe) return
  }
  throw new Error(`ONNX Runtime ${version} has another C API than ours`)
}
