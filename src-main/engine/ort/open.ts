import { createRequire } from 'node:module'
import { configure, openApi } from './api.ts'
import type { Binding } from './binding.ts'
import { createCBinding } from './c-binding.ts'
import { cudaDriver, findLibrary, libraryFolders, packageFolder } from './library.ts'
import { createNodeBinding } from './node-binding.ts'

/** What a process uses. */
export interface OpenedBinding {
  readonly binding: Binding
  /** Why it is not the C API, if it is not. */
  readonly without?: string
  /** Why it is not the library that was fetched for CUDA, if there is one. */
  readonly refused?: string
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/**
 * The C API of ONNX Runtime: of the first folder whose library opens.
 * @param hasDriver replaces the look for NVIDIA's driver
 * @throws Error if koffi or no library can be loaded, or the table does not fit the library
 */
export async function openLibrary(environment: NodeJS.ProcessEnv, hasDriver?: () => boolean): Promise<OpenedBinding> {
  const { default: koffi } = await import('koffi')
  configure(koffi)
  const loadsDriver = () => {
    try {
      koffi.load(cudaDriver)
      return true
    } catch {
      return false
    }
  }
  const open = (folder: string) => {
    const library = findLibrary(folder)
    return createCBinding(openApi(koffi, library), library.hasCuda)
  }
  const [first = packageFolder(), usual] = libraryFolders(environment, hasDriver ?? loadsDriver)
  try {
    return { binding: open(first) }
  } catch (error) {
    if (usual === undefined) throw error
    return { binding: open(usual), refused: reasonOf(error) }
  }
}

/** The C API of this process's ONNX Runtime. Throws as `openLibrary`. */
export const openCBinding = async (): Promise<Binding> => (await openLibrary(process.env)).binding

/** onnxruntime-node itself. */
export async function openNodeBinding(): Promise<Binding> {
  const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string }
  return createNodeBinding(await import('onnxruntime-node'), version, findLibrary(packageFolder()).hasCuda)
}

/**
 * @param asked `c`, `node`, or undefined: the C API, and onnxruntime-node where that cannot be used
 * @throws Error if what was asked for cannot be used
 */
export async function openBinding(asked: string | undefined): Promise<OpenedBinding> {
  if (asked === 'c') return openLibrary(process.env)
  if (asked === 'node') return { binding: await openNodeBinding(), without: 'LATENT_LOOM_BINDING asks for it' }
  try {
    return await openLibrary(process.env)
  } catch (error) {
    return { binding: await openNodeBinding(), without: reasonOf(error) }
  }
}

/** The binding of this process. Only one is loaded. */
export const { binding, without, refused } = await openBinding(process.env.LATENT_LOOM_BINDING)
