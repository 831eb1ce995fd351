/**
 * The functions of ONNX Runtime's C API that are in use: where each stands in the table `OrtApi`, what it takes, what it
 * gives. The table only ever grows, so an index holds for every later version (onnxruntime_c_api.h).
 */

/** The first version whose table has all of them: `SessionOptionsSetLoadCancellationFlag` came last. */
export const apiVersion = 22

/** An address in native memory. 0n is NULL. */
export type Address = bigint

/** Characters of ORT's paths (`ORTCHAR_T`). */
export const pathEncoding = process.platform === 'win32' ? 'utf16le' : 'utf8'

/** What an argument may be in TypeScript, by its kind. */
interface ArgumentTypes {
  /** An address, or memory that is read or written through its own. */
  pointer: Address | ArrayBufferView
  text: string
  /** `ORTCHAR_T *` */
  path: string
  int: number
  size: number
  bool: boolean
}

/** What a function gives, by its kind. `status` is an error or NULL: it is thrown. */
export interface ResultTypes {
  status: undefined
  code: number
  text: string
  nothing: undefined
}

export type ArgumentKind = keyof ArgumentTypes

/** The arguments of the kinds in a row. */
type Given<Kinds extends readonly ArgumentKind[]> = { -readonly [I in keyof Kinds]: ArgumentTypes[Kinds[I]] }

/** The arguments of a signature. */
export type Arguments<S extends Signature> = Given<S['takes']>

export interface Signature {
  readonly index: number
  readonly takes: readonly ArgumentKind[]
  readonly gives: keyof ResultTypes
}

function status<const Takes extends readonly ArgumentKind[]>(index: number, ...takes: Takes) {
  return { index, takes, gives: 'status' } as const
}

function release(index: number) {
  return { index, takes: ['pointer'], gives: 'nothing' } as const
}

export const apiTable = {
  CreateStatus: status(0, 'int', 'text'),
  GetErrorCode: { index: 1, takes: ['pointer'], gives: 'code' },
  GetErrorMessage: { index: 2, takes: ['pointer'], gives: 'text' },
  CreateEnv: status(3, 'int', 'text', 'pointer'),
  DisableTelemetryEvents: status(6, 'pointer'),
  CreateSession: status(7, 'pointer', 'path', 'pointer', 'pointer'),
  CreateSessionFromArray: status(8, 'pointer', 'pointer', 'size', 'pointer', 'pointer'),
  Run: status(9, 'pointer', 'pointer', 'pointer', 'pointer', 'size', 'pointer', 'size', 'pointer'),
  CreateSessionOptions: status(10, 'pointer'),
  SetOptimizedModelFilePath: status(11, 'pointer', 'path'),
  EnableProfiling: status(14, 'pointer', 'path'),
  EnableMemPattern: status(16, 'pointer'),
  DisableMemPattern: status(17, 'pointer'),
  SetSessionLogSeverityLevel: status(22, 'pointer', 'int'),
  SetSessionGraphOptimizationLevel: status(23, 'pointer', 'int'),
  SessionGetInputCount: status(30, 'pointer', 'pointer'),
  SessionGetOutputCount: status(31, 'pointer', 'pointer'),
  SessionGetInputTypeInfo: status(33, 'pointer', 'size', 'pointer'),
  SessionGetOutputTypeInfo: status(34, 'pointer', 'size', 'pointer'),
  SessionGetInputName: status(36, 'pointer', 'size', 'pointer', 'pointer'),
  SessionGetOutputName: status(37, 'pointer', 'size', 'pointer', 'pointer'),
  CreateRunOptions: status(39, 'pointer'),
  RunOptionsSetTerminate: status(46, 'pointer'),
  CreateTensorWithDataAsOrtValue: status(49, 'pointer', 'pointer', 'size', 'pointer', 'size', 'int', 'pointer'),
  GetTensorMutableData: status(51, 'pointer', 'pointer'),
  CastTypeInfoToTensorInfo: status(55, 'pointer', 'pointer'),
  GetTensorElementType: status(60, 'pointer', 'pointer'),
  GetDimensionsCount: status(61, 'pointer', 'pointer'),
  GetDimensions: status(62, 'pointer', 'pointer', 'size'),
  GetSymbolicDimensions: status(63, 'pointer', 'pointer', 'size'),
  GetTensorTypeAndShape: status(65, 'pointer', 'pointer'),
  CreateCpuMemoryInfo: status(69, 'int', 'int', 'pointer'),
  AllocatorFree: status(76, 'pointer', 'pointer'),
  GetAllocatorWithDefaultOptions: status(78, 'pointer'),
  ReleaseStatus: release(93),
  ReleaseSession: release(95),
  ReleaseValue: release(96),
  ReleaseRunOptions: release(97),
  ReleaseTypeInfo: release(98),
  ReleaseTensorTypeAndShapeInfo: release(99),
  ReleaseSessionOptions: release(100),
  GetAvailableProviders: status(125, 'pointer', 'pointer'),
  ReleaseAvailableProviders: status(126, 'pointer', 'int'),
  AddSessionConfigEntry: status(130, 'pointer', 'text', 'text'),
  SessionOptionsAppendExecutionProvider_CUDA_V2: status(204, 'pointer', 'pointer'),
  CreateCUDAProviderOptions: status(205, 'pointer'),
  UpdateCUDAProviderOptions: status(206, 'pointer', 'pointer', 'pointer', 'size'),
  ReleaseCUDAProviderOptions: release(208),
  SessionOptionsAppendExecutionProvider: status(216, 'pointer', 'text', 'pointer', 'pointer', 'size'),
  AddExternalInitializersFromFilesInMemory: status(279, 'pointer', 'pointer', 'pointer', 'pointer', 'size'),
  SessionOptionsSetLoadCancellationFlag: status(293, 'pointer', 'bool'),
} as const satisfies Record<string, Signature>

export type ApiTable = typeof apiTable
