import { createRequire } from 'node:module'
import { openApi } from './api.ts'
import type { Binding } from './binding.ts'
import { createCBinding } from './c-binding.ts'
import { cudaDriver, findLibrary, libraryFolders, packageFolder } from './library.ts'
import { createNodeBinding } from './node-binding.ts'

/**
 * The C API of ONNX Runtime: of the first folder whose library opens.
 * @throws Error if koffi or no library can be loaded, or the table does not fit the library
 */
export async function openCBinding(environment: NodeJS.ProcessEnv = process.env): Promise<Binding> {
  const { default: koffi } = await import('koffi')
  const hasDriver = () => {
    try {
      koffi.load(cudaDriver)
      return true
    } catch {
      return false
    }
  }
  const [first = packageFolder(), ...others] = libraryFolders(environment, hasDriver)
  const open = (folder: string) => {
    const library = findLibrary(folder)
    return createCBinding(openApi(koffi, library), library.hasCuda)
  }
  try {
    return open(first)
  } catch (error) {
    const [other] = others
    if (other === undefined) throw error
    return open(other)
  }
}

/** onnxruntime-node itself. */
export async function openNodeBinding(): Promise<Binding> {
  const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string }
  return createNodeBinding(await import('onnxruntime-node'), version, findLibrary(packageFolder()).hasCuda)
}

/** What a process uses, and why it is not the C API if it is not. */
export interface OpenedBinding {
  readonly binding: Binding
  readonly without?: string
}

/**
 * @param asked `c`, `node`, or undefined: the C API, and onnxruntime-node where that cannot be used
 * @throws Error if what was asked for cannot be used
 */
export async function openBinding(asked: string | undefined): Promise<OpenedBinding> {
  if (asked === 'c') return { binding: await openCBinding() }
  if (asked === 'node') return { binding: await openNodeBinding(), without: 'LATENT_LOOM_BINDING asks for it' }
  try {
    return { binding: await openCBinding() }
  } catch (error) {
    return { binding: await openNodeBinding(), without: error instanceof Error ? error.message : String(error) }
  }
}

/** The binding of this process. Only one is loaded. */
export const { binding, without } = await openBinding(process.env.LATENT_LOOM_BINDING)
