import { expect, test } from 'vitest'
import { isOutOfMemory } from './session.ts'

test.each([
  'std::bad_alloc',
  'bad allocation',
  'onnxruntime::BFCArena::AllocateRawInternal Failed to allocate memory for requested buffer of size 4294967296',
  'Available memory of 1048576 is smaller than requested bytes of 2097152',
  'CUDA failure 2: out of memory ; GPU=0 ; hostname=art',
  'CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED',
  'CUDNN failure 4: CUDNN_STATUS_ALLOC_FAILED',
  'DmlExecutionProvider: 8007000E Not enough memory resources are available to complete this operation.',
  'hr = E_OUTOFMEMORY',
  'VK_ERROR_OUT_OF_DEVICE_MEMORY',
  'Insufficient Memory (00000008:kIOGPUCommandBufferCallbackErrorOutOfMemory)',
  'Buffer size (4294967296) exceeds the max buffer size limit (2147483648).',
  'Binding size (268435456) is larger than the maximum storage buffer binding size (134217728).',
])('%s is a lack of memory', (reason) => {
  expect(isOutOfMemory(reason)).toBe(true)
})

test.each([
  'Got invalid dimensions for input: latent',
  'Failed to get a WebGPU adapter',
  'CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version',
  'External initializer: offset 6785984 size to read: 128 given file_length: 1000000 are out of bounds',
])('%s is none', (reason) => {
  expect(isOutOfMemory(reason)).toBe(false)
})
