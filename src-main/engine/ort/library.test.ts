import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '#test/golden-networks.ts'
import { findLibrary, libraryFolders, packageFolder } from './library.ts'

const yes = () => true
const no = () => false

it('ONNX Runtime that was fetched for CUDA comes first where the driver is there, and the usual one after it', () => {
  expect(libraryFolders({ LATENT_LOOM_CUDA: '/fetched' }, yes)).toEqual(['/fetched', packageFolder()])
  expect(libraryFolders({ LATENT_LOOM_CUDA: '/fetched' }, no)).toEqual([packageFolder()])
})

it('a person can do without it, or name another', () => {
  const asked = () => {
    throw new Error('nothing depends on it')
  }
  expect(libraryFolders({}, asked)).toEqual([packageFolder()])
  expect(libraryFolders({ LATENT_LOOM_CUDA: 'off' }, asked)).toEqual([packageFolder()])
  expect(libraryFolders({ LATENT_LOOM_CUDA: '/fetched', LATENT_LOOM_ONNXRUNTIME: '/mine' }, asked)).toEqual(['/mine'])
})

it.runIf(process.platform === 'linux')('finds the library and the provider under the names of a wheel', () => {
  const folder = temporaryFolder()
  const library = join(folder, 'libonnxruntime.so.1.30.0')
  writeFileSync(library, '')
  expect(findLibrary(folder)).toEqual({ path: library, companions: [], hasCuda: false })
  writeFileSync(join(folder, 'libonnxruntime_providers_cuda.so'), '')
  expect(findLibrary(folder).hasCuda).toBe(true)
})
