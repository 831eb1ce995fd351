import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LoomError } from '#core/errors.ts'
import { openTensorFile, type TensorFile, withTensors } from './tensor-file.ts'
import { type TensorSource, writeSafetensors } from './write-safetensors.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loom-safetensors-'))
})
afterEach(() => rm(folder, { recursive: true }))
const at = (name: string): string => join(folder, name)

async function errorOf(promise: Promise<unknown>): Promise<LoomError> {
  try {
    await promise
  } catch (error) {
    if (error instanceof LoomError) return error
    throw error
  }
  throw new Error('expected an error')
}

const readTensor = (file: TensorFile, name: string) => withTensors(file, (read) => read(name))

const alpha: TensorSource = { name: 'alpha', dtype: 'F32', shape: [], data: Uint8Array.of(0, 0, 128, 63) }
const mask: TensorSource = { name: 'mask', dtype: 'BOOL', shape: [3], data: Uint8Array.of(1, 0, 1) }
const ids: TensorSource = {
  name: 'ids',
  dtype: 'I64',
  shape: [1],
  data: Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 127),
}

describe('round trip', () => {
  it('writes tensors aligned and reads them back with metadata and identity', async () => {
    await writeSafetensors(at('a.safetensors'), [mask, alpha, ids], new Map([['format', 'pt']]))
    const file = await openTensorFile(at('a.safetensors'))
    expect([...file.header.tensors.keys()]).toEqual(['ids', 'alpha', 'mask'])
    expect([...file.header.metadata]).toEqual([['format', 'pt']])
    for (const { name, data } of [alpha, mask, ids]) expect(await readTensor(file, name)).toEqual(data)
    expect(file.header.dataOffset % 8).toBe(0)
    const bytes = await readFile(file.path)
    expect(file.size).toBe(bytes.length)
    const json = bytes.subarray(8, file.header.dataOffset)
    expect(file.identity.headerHash).toBe(createHash('sha256').update(json).digest('hex'))
    expect(await readdir(folder)).toEqual(['a.safetensors'])
  })

  it('writes data that come piece by piece', async () => {
    const pieces = async function* (): AsyncGenerator<Uint8Array> {
      for (let value = 0; value < 100; value += 1) yield new Uint8Array(1000).fill(value)
    }
    await writeSafetensors(at('a.safetensors'), [{ name: 'w', dtype: 'F16', shape: [50, 1000], data: pieces }])
    const bytes = await readTensor(await openTensorFile(at('a.safetensors')), 'w')
    expect([bytes.length, bytes[0], bytes[50_500], bytes[99_999]]).toEqual([100_000, 0, 50, 99])
  })

  it('any tensors come back', async () => {
    const source = fc
      .uint8Array({ maxLength: 40 })
      .map((data) => ({ dtype: 'U8' as const, shape: [data.length], data }))
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string({ unit: 'binary', maxLength: 8 }), source), async (sources) => {
        const tensors = Object.entries(sources).map(([name, rest]) => ({ name, ...rest }))
        fc.pre(!('__metadata__' in sources))
        await writeSafetensors(at('fuzz.safetensors'), tensors)
        const file = await openTensorFile(at('fuzz.safetensors'))
        for (const { name, data } of tensors) expect(await readTensor(file, name)).toEqual(data)
      }),
      { numRuns: 30 },
    )
  })

  it('a file may be written over while it is the source of its own tensors', async () => {
    await writeSafetensors(at('a.safetensors'), [alpha, ids])
    const file = await openTensorFile(at('a.safetensors'))
    const again = (name: string) =>
      async function* (): AsyncGenerator<Uint8Array> {
        yield await readTensor(file, name)
      }
    await writeSafetensors(at('a.safetensors'), [
      { ...alpha, data: again('alpha') },
      { ...ids, data: again('ids') },
    ])
    expect(await readTensor(await openTensorFile(at('a.safetensors')), 'ids')).toEqual(ids.data)
  })

  it('a source that yields too little or too much is refused, and the old file stays', async () => {
    await writeSafetensors(at('a.safetensors'), [alpha])
    const before = await readFile(at('a.safetensors'))
    for (const bytes of [0, 3, 5, 100]) {
      const error = await errorOf(writeSafetensors(at('a.safetensors'), [{ ...alpha, data: new Uint8Array(bytes) }]))
      expect(error.code).toBe('mismatch')
      expect(error.message).toMatch(/"alpha".*needs 4 bytes/)
    }
    expect(await readFile(at('a.safetensors'))).toEqual(before)
    expect(await readdir(folder)).toEqual(['a.safetensors'])
  })

  it('the embedded header of a file above 4 GB is read without the data', async () => {
    const size = 5 * 2 ** 30
    const header = `{"big":{"dtype":"U8","shape":[${size}],"data_offsets":[0,${size}]},"alpha":{"dtype":"U8","shape":[2],"data_offsets":[${size},${size + 2}]}}`
    const start = Buffer.alloc(8)
    start.writeBigUInt64LE(BigInt(header.length))
    await writeFile(at('big.safetensors'), Buffer.concat([start, Buffer.from(header)]))
    await truncate(at('big.safetensors'), 8 + header.length + size)
    await appendFile(at('big.safetensors'), Buffer.of(7, 9))
    const file = await openTensorFile(at('big.safetensors'))
    expect(file.header.tensors.get('big')?.byteLength).toBe(size)
    expect(await readTensor(file, 'alpha')).toEqual(Uint8Array.of(7, 9))
  })
})

describe('the cache', () => {
  it('a second open gives the same header, through a link too; a changed file is parsed again', async () => {
    await writeSafetensors(at('a.safetensors'), [alpha])
    await symlink(at('a.safetensors'), at('link'))
    const first = await openTensorFile(at('a.safetensors'))
    expect(await openTensorFile(at('link'))).toBe(first)
    await utimes(at('a.safetensors'), 1, 1)
    const second = await openTensorFile(at('a.safetensors'))
    expect(second).not.toBe(first)
    expect(second.identity.mtimeMs).toBe(1000)
    await writeSafetensors(at('a.safetensors'), [ids])
    expect([...(await openTensorFile(at('a.safetensors'))).header.tensors.keys()]).toEqual(['ids'])
  })
})

describe('fault 20 to 24: a broken file is named in the error', () => {
  it('with its path and what is wrong', async () => {
    const start = Buffer.alloc(8)
    start.writeBigUInt64LE(2n)
    await writeFile(at('a.safetensors'), Buffer.concat([start, Buffer.from('{}more')]))
    const error = await errorOf(openTensorFile(at('a.safetensors')))
    expect(error.code).toBe('parse')
    expect(error.message).toContain(at('a.safetensors'))
    expect(error.message).toContain('4 bytes behind')
    expect(error.hint).toContain('Download')
  })

  it('cut at every byte', async () => {
    await writeSafetensors(at('a.safetensors'), [alpha])
    const whole = await readFile(at('a.safetensors'))
    for (let length = 0; length < whole.length; length += 1) {
      await writeFile(at('cut.safetensors'), whole.subarray(0, length))
      expect((await errorOf(openTensorFile(at('cut.safetensors')))).code).toBe('parse')
    }
  })
})

describe('fault 26: files that change, and what is no file', () => {
  it('shrinks, grows or is replaced after it was opened', async () => {
    const changes: (() => Promise<void>)[] = [
      () => truncate(at('a.safetensors'), 20),
      () => appendFile(at('a.safetensors'), 'x'),
      () => writeSafetensors(at('a.safetensors'), [alpha]),
      () => rename(at('other.safetensors'), at('a.safetensors')),
    ]
    for (const change of changes) {
      await writeSafetensors(at('a.safetensors'), [alpha])
      await writeSafetensors(at('other.safetensors'), [alpha])
      const file = await openTensorFile(at('a.safetensors'))
      await change()
      const error = await errorOf(readTensor(file, 'alpha'))
      expect(error.code).toBe('io')
      expect(error.message).toMatch(/changed or replaced/)
    }
    const file = await openTensorFile(at('other.safetensors')).catch(() => openTensorFile(at('a.safetensors')))
    await rm(file.path)
    expect((await errorOf(readTensor(file, 'alpha'))).code).toBe('not-found')
  })

  it('an unknown tensor is not found', async () => {
    await writeSafetensors(at('a.safetensors'), [alpha])
    const error = await errorOf(readTensor(await openTensorFile(at('a.safetensors')), 'toString'))
    expect(error.code).toBe('not-found')
  })

  it('links are resolved, and a circle of them is refused', async () => {
    await mkdir(at('blobs'))
    await writeSafetensors(at('blobs/abc'), [alpha])
    await symlink('blobs/abc', at('model.safetensors'))
    expect((await openTensorFile(at('model.safetensors'))).path).toBe(join(folder, 'blobs', 'abc'))
    await symlink('b', at('a'))
    await symlink('a', at('b'))
    const error = await errorOf(openTensorFile(at('a')))
    expect(error.code).toBe('io')
    expect(error.message).toMatch(/circle/)
  })

  it.skipIf(process.platform === 'win32')('a pipe and a device are refused without waiting', async () => {
    execFileSync('sh', ['-c', 'mkfifo "$0"', at('pipe')])
    const pipe = await errorOf(openTensorFile(at('pipe')))
    expect([pipe.code, pipe.message]).toEqual(['io', `Cannot read ${at('pipe')}: it is a pipe, not a file.`])
    expect((await errorOf(openTensorFile('/dev/zero'))).message).toMatch(/device/)
  })

  it('a folder, a missing file, a file as a folder and a NUL in the path are refused', async () => {
    expect((await errorOf(openTensorFile(folder))).message).toMatch(/a folder/)
    expect((await errorOf(openTensorFile(at('none')))).code).toBe('not-found')
    await writeFile(at('plain'), 'x')
    expect((await errorOf(openTensorFile(at('plain/x')))).code).toBe('not-found')
    expect((await errorOf(openTensorFile(at('a\0b')))).code).toBe('not-found')
  })
})
