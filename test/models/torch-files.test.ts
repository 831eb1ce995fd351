import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LoomError } from '#core/errors.ts'
import { openTensorFile, type TensorFile, withTensors } from '#engine/files/tensor-file.ts'
import { inspectFile } from '#engine/inspect.ts'
import type { Checkpoint } from '#engine/models/checkpoint.ts'
import { openCheckpoint } from '#engine/models/detect.ts'
import { refsOf } from '#engine/models/parts.ts'
import { refuseScattered, type TensorRef } from '#engine/models/weights.ts'
import { readEmbedding } from '#engine/text/embeddings.ts'
import { temporaryFolder } from '../golden-networks.ts'
import { readGolden } from '../goldens.ts'
import { type StoredTensor, torchFile, zipOf } from '../torch-file.ts'

interface Case {
  readonly name: string
  readonly content: string
  readonly tensors: Readonly<
    Record<string, { readonly dtype: string; readonly shape: readonly number[]; readonly data: string }>
  >
  readonly settings: Readonly<Record<string, string>>
}

const folder = temporaryFolder()
const cases = readGolden<readonly Case[]>('torch-files').json

describe('files of torch.save hold the tensors that torch holds', () => {
  it.each(cases)('$name', async ({ content, tensors, settings }) => {
    const path = join(folder, 'a.pt')
    writeFileSync(path, Buffer.from(content, 'base64'))
    const file = await openTensorFile(path)
    const read = await withTensors(file, async (readTensor) => {
      const found: [string, unknown][] = []
      for (const [name, { dtype, shape }] of file.header.tensors) {
        found.push([name, { dtype, shape, data: Buffer.from(await readTensor(name)).toString('base64') }])
      }
      return Object.fromEntries(found)
    })
    expect(read).toEqual(tensors)
    expect(Object.fromEntries(file.header.metadata)).toEqual(settings)
  })
})

describe('models and embeddings open from them as from safetensors', () => {
  const embedded = new URL('../../resources/models/emoji-tiny.safetensors', import.meta.url).pathname

  async function stored(path: string): Promise<StoredTensor[]> {
    const file = await openTensorFile(path)
    return withTensors(file, async (read) => {
      const tensors: StoredTensor[] = []
      for (const [name, { dtype, shape }] of file.header.tensors)
        tensors.push({ name, dtype, shape, data: await read(name) })
      return tensors
    })
  }
  const write = (name: string, content: Uint8Array): string => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  }
  /** The networks, each weight with the bytes that a session would read. */
  function contentOf(checkpoint: Checkpoint) {
    const bytes = new Map<string, Buffer>()
    return (['unet', 'textEncoder', 'vae'] as const).map((part) => {
      const { config, weights } = checkpoint[part] ?? { weights: { tensors: new Map<string, TensorRef>() } }
      const hash = createHash('sha256')
      for (const [name, { file, dtype, shape, offset, byteLength }] of [...weights.tensors].sort()) {
        const content = bytes.get(file) ?? readFileSync(file)
        bytes.set(file, content)
        hash.update(`${name} ${dtype} ${shape} `).update(content.subarray(offset, offset + byteLength))
      }
      return { config, hash: hash.digest('hex') }
    })
  }

  it('a checkpoint, as .ckpt and as a folder of .bin files', async () => {
    const original = await openCheckpoint(embedded)
    const tensors = await stored(embedded)
    const ckpt = await openCheckpoint(write('model.ckpt', torchFile(tensors)))
    expect(contentOf(ckpt)).toEqual(contentOf(original))

    const at = join(folder, 'diffusers')
    const networks = {
      unet: 'unet/diffusion_pytorch_model',
      textEncoder: 'text_encoder/pytorch_model',
      vae: 'vae/diffusion_pytorch_model',
    }
    const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]))
    for (const [part, file] of Object.entries(networks) as ['unet' | 'textEncoder' | 'vae', string][]) {
      const own = Array.from(original[part]?.weights.tensors ?? [], ([name, ref]) => ({
        name,
        dtype: ref.dtype,
        shape: ref.shape,
        data: byName.get(ref.name)?.data ?? new Uint8Array(),
      }))
      mkdirSync(join(at, dirname(file)), { recursive: true })
      write(`diffusers/${file}.bin`, torchFile(own))
    }
    const hashes = (checkpoint: Checkpoint) => contentOf(checkpoint).map(({ hash }) => hash)
    expect(hashes(await openCheckpoint(at))).toEqual(hashes(original))
  })

  it.each(cases.filter(({ name }) => name.includes('embedding')))('$name', async ({ name, content, tensors }) => {
    const path = write('cat.pt', Buffer.from(content, 'base64'))
    const expected = Object.entries(tensors).find(([, { shape }]) => shape.at(-1) === 8)?.[1]
    const values = new Float32Array(Uint8Array.from(Buffer.from(expected?.data ?? '', 'base64')).buffer)
    expect(values.length).toBeGreaterThan(0)
    expect(Float32Array.from((await readEmbedding(path, 'clip', 8)).flatMap((row) => [...row]))).toEqual(values)
    if (name.includes('SDXL')) expect(await readEmbedding(path, 'clip2', 16)).toHaveLength(1)
    expect(await inspectFile(path)).toMatchObject({ kind: 'embedding' })
  })

  it('a tensor that is stored out of order is refused in a model, by its name', async () => {
    const views = cases.find(({ name }) => name === 'views of one storage')
    const path = write('views.pt', Buffer.from(views?.content ?? '', 'base64'))
    const refs = refsOf(await openTensorFile(path))
    expect(() => refs.forEach(refuseScattered)).toThrow(/the tensor \w+ is stored out of order/)
    expect(await inspectFile(path)).toMatchObject({ kind: 'unknown', tensors: refs.length })
  })

  it('compressed tensors, and two contents of one name, are refused', async () => {
    const zipped = zipOf({ 'a/data.pkl': Buffer.from('\x80\x02}.', 'latin1') }, 8)
    expect(await open(zipped)).toMatchObject({ code: 'unsupported', message: expect.stringMatching(/are compressed/) })
    const twice = zipOf({ 'a/data.pkl': Buffer.from('x'), 'b/data.pkl': Buffer.from('y') })
    for (let at = twice.indexOf('b/data.pkl'); at >= 0; at = twice.indexOf('b/data.pkl')) twice.write('a', at)
    expect(await open(twice)).toMatchObject({
      code: 'parse',
      message: expect.stringMatching(/names "a\/data.pkl" twice/),
    })
    expect(await open(zipOf({ 'readme.txt': Buffer.from('x') }))).toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/zip archive/),
    })
  })
})

const start = '\x80\x02'
const text = (value: string) => `X${String.fromCharCode(value.length, 0, 0, 0)}${value}`
const name = (module: string, of: string) => `c${module}\n${of}\n`
const pickle = (body: string) => Buffer.from(`${start}${body}.`, 'latin1')

async function open(content: Uint8Array, as = 'a.pt'): Promise<unknown> {
  const path = join(folder, as)
  writeFileSync(path, content)
  return openTensorFile(path).catch((error: unknown) => error)
}

/** Pickles that run programs when Python opens them, by what they name. */
const attacks: Record<string, string> = {
  'os.system': `${name('os', 'system')}${text('touch /tmp/x')}\x85R`,
  'posix.system': `${name('posix', 'system')}${text('id')}\x85R`,
  'builtins.eval': `${name('__builtin__', 'eval')}${text('1')}\x85R`,
  'builtins.exec': `${text('builtins')}${text('exec')}\x93${text('1')}\x85R`,
  'builtins.getattr': `${name('builtins', 'getattr')})R`,
  'builtins.__import__': `${name('builtins', '__import__')}${text('os')}\x85R`,
  'subprocess.Popen': `}${text('a')}${name('subprocess', 'Popen')}]${text('id')}a\x85Rs`,
  'torch.load': `${name('torch', 'load')}${text('x')}\x85R`,
  'torch.storage._load_from_bytes': `${name('torch.storage', '_load_from_bytes')}C\x01a\x85R`,
  'torch._utils._rebuild_tensor_v2.__globals__': `${name('torch._utils', '_rebuild_tensor_v2.__globals__')})R`,
  'numpy.testing._private.utils.runstring': name('numpy.testing._private.utils', 'runstring'),
  'pickle.loads': `${name('pickle', 'loads')}C\x01a\x85R`,
  'collections.OrderedDict.__class__': name('collections', 'OrderedDict.__class__'),
  'torch.FloatStorage.from_file': name('torch', 'FloatStorage.from_file'),
  'lightningx.run': name('lightningx', 'run'),
  pytorch_lightning: name('', 'pytorch_lightning'),
}

describe('a pickle is read without executing anything', () => {
  it.each(Object.entries(attacks))('%s ends the reading, by its name', async (called, body) => {
    for (const content of [pickle(body), pickle(`(${body}1}`)]) {
      expect(await open(content)).toMatchObject({ code: 'unsupported', message: expect.stringContaining(called) })
    }
  })

  it('every opcode that does not make data ends the reading', async () => {
    // those of protocols 0 and 1, of objects, of extensions, of copies and of memory outside the file
    const others = [
      '0x69',
      '0x6f',
      '0x50',
      '0x82',
      '0x83',
      '0x84',
      '0x92',
      '0x96',
      '0x97',
      '0x98',
      '0x32',
      '0x49',
      '0x4c',
    ]
    const refused: string[] = []
    for (let opcode = 0; opcode < 256; opcode++) {
      const hex = `0x${opcode.toString(16).padStart(2, '0')}`
      const found = await open(Buffer.concat([Buffer.from(start, 'latin1'), Buffer.from([opcode])]))
      if (found instanceof LoomError && found.message.includes(`opcode ${hex} at byte 2`)) refused.push(hex)
    }
    expect(refused).toEqual(expect.arrayContaining(others))
    expect(refused).toHaveLength(256 - 49)
  })

  it('what holds no tensors is named', async () => {
    for (const body of ['}q\0', 'N', ']', '}X\x01\0\0\0aK\x01s', `${name('collections', 'OrderedDict')})R`]) {
      expect(await open(pickle(body))).toMatchObject({
        code: 'unsupported',
        message: expect.stringMatching(/holds no tensors/),
      })
    }
    expect(await open(Buffer.from('\xde\xad\xbe\xef', 'latin1'))).toMatchObject({
      message: expect.stringMatching(/like a file of PyTorch/),
    })
  })

  it('lists within lists, and one list many times over, end in an error', async () => {
    const deep = '('.repeat(2_500_000)
    const nested = `${']'.repeat(5000)}${'a'.repeat(4999)}`
    const laughs = `]q\0${'](h\0h\0h\0h\0h\0h\0h\0h\0eq\0'.repeat(14)}`
    const around = ']q\0h\0a'
    const copies = `](${'N'.repeat(10_000)}eq\0${`${name('builtins', 'list')}h\0\x85R0`.repeat(100)}]`
    const names = `}X\0\0\x10\0${'k'.repeat(2 ** 20)}](${'N'.repeat(100_000)}es`
    const many = '}'.repeat(2_500_000)
    for (const body of [deep, nested, laughs, around, copies, names, many]) {
      expect(await open(pickle(body))).toMatchObject({
        name: 'LoomError',
        code: expect.stringMatching(/limit|parse|unsupported/),
      })
    }
  })

  it('changed and cut files give tensors or a LoomError', async () => {
    const samples = cases
      .filter(({ content }) => content.length < 9000)
      .map(({ content }) => Buffer.from(content, 'base64'))
    const change = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.nat(255) })
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...samples),
        fc.array(change, { maxLength: 6 }),
        fc.nat(5),
        async (sample, changes, cut) => {
          const bytes = Buffer.from(sample)
          for (const { at, byte } of changes) bytes[Math.floor(at * bytes.length)] = byte
          const found = await open(
            cut === 0 ? bytes.subarray(0, Math.floor((changes[0]?.at ?? 0) * bytes.length)) : bytes,
          )
          if (found instanceof Error) expect(found).toBeInstanceOf(LoomError)
          else
            await withTensors(found as TensorFile, async (read) => {
              for (const tensor of (found as TensorFile).header.tensors.keys()) await read(tensor)
            })
        },
      ),
      { numRuns: 400 },
    )
  })
})
