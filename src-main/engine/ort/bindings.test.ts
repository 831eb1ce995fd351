import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { programFolder } from '#main/program.ts'
import { endlessModel } from '#test/endless-model.ts'
import { temporaryFolder } from '#test/golden-networks.ts'
import { symbol } from '../onnx/dim.ts'
import { encode } from '../onnx/encode.ts'
import { Graph } from '../onnx/graph.ts'
import type { ElementType as GraphType } from '../onnx/ir.ts'
import type { Binding, OrtTensor, SessionOptions } from './binding.ts'
import { openBinding, openCBinding, openLibrary, openNodeBinding } from './open.ts'

// both stand on one library, whose environment a process has once
const c = await openCBinding()
const node = await openNodeBinding()

const plain: SessionOptions = {
  providers: [{ name: 'cpu' }],
  optimisation: 'all',
  memoryPattern: false,
  config: { 'session.intra_op.allow_spinning': '0' },
}

/** `y = x + x`, and `z`, the rows of `x` as they are. */
function sums(type: GraphType = 'float32'): Uint8Array {
  const graph = new Graph()
  const x = graph.input('x', type, [symbol('rows'), 3])
  graph.output('y', graph.add('Add', [x, x], {}))
  graph.output('z', graph.add('Transpose', [x], { perm: [0, 1] }))
  return encode(graph)
}

const given = Float32Array.of(1, 2, 3, -4, 0.5, 1e-8)

async function runOnce(binding: Binding, x: OrtTensor, model: Uint8Array | string = sums()) {
  const session = await binding.createSession(model, plain)
  const outputs = await session.run(new Map([['x', x]]))
  const results = Array.from(outputs, ([name, tensor]) => [name, tensor.type, tensor.shape, tensor.data()])
  for (const tensor of [x, ...outputs.values()]) tensor.release()
  await session.release()
  return results
}

describe.each([c, node])('the binding $name', (binding) => {
  const x = (shape: readonly number[] = [2, 3]) => binding.tensor('float32', given, shape)

  test('tells what a session takes and gives', async () => {
    const session = await binding.createSession(sums(), plain)
    expect(session.inputs).toEqual([{ name: 'x', type: 'float32', shape: ['rows', 3] }])
    expect(session.outputs.map(({ name }) => name)).toEqual(['y', 'z'])
    await session.release()
  })

  test('runs a model from bytes and from a file, of a name that is not ASCII', async () => {
    const expected = [
      ['y', 'float32', [2, 3], given.map((value) => 2 * value)],
      ['z', 'float32', [2, 3], given],
    ]
    const path = join(temporaryFolder(), 'Grüße 模型.onnx')
    writeFileSync(path, sums())
    expect(await runOnce(binding, x())).toEqual(expected)
    expect(await runOnce(binding, x(), path)).toEqual(expected)
  })

  test("keeps ONNX Runtime's words", async () => {
    await expect(binding.createSession(Uint8Array.of(1, 2, 3), plain)).rejects.toThrow(/protobuf parsing failed/i)
    await expect(binding.createSession(join(temporaryFolder(), 'none.onnx'), plain)).rejects.toThrow(/none\.onnx/)
    const session = await binding.createSession(sums(), plain)
    await expect(session.run(new Map([['x', x([3, 2])]]))).rejects.toThrow(/Got: 2 Expected: 3/)
    expect(() => x([9, 9])).toThrow()
    // an error ends nothing
    expect((await session.run(new Map([['x', x()]]))).get('z')?.data()).toEqual(given)
    await session.release()
  })

  test('reads weights from bytes that are given for a file', async () => {
    const graph = new Graph()
    const external = { file: '/none/such.bin', offset: 4, byteLength: 12 }
    const weight = graph.weight('w', 'float32', [3], external)
    graph.output('y', graph.add('Add', [graph.input('x', 'float32', [symbol('rows'), 3]), weight], {}))
    const file = new Uint8Array(Float32Array.of(0, 10, 20, 30).buffer)
    const session = await binding.createSession(encode(graph), { ...plain, externalFiles: { 'none/such.bin': file } })
    const y = (await session.run(new Map([['x', binding.tensor('float32', Float32Array.of(1, 2, 3), [1, 3])]]))).get(
      'y',
    )
    expect(y?.data()).toEqual(Float32Array.of(11, 22, 33))
    await session.release()
  })

  test('writes outputs into tensors that are given for them', async () => {
    const memory = new Float32Array(16)
    const place = binding.tensor('float32', memory.subarray(4, 10), [2, 3])
    const session = await binding.createSession(sums(), plain)
    const outputs = await session.run(new Map([['x', x()]]), undefined, new Map([['z', place]]))
    expect(outputs.get('z')).toBe(place)
    expect(memory.subarray(4, 10)).toEqual(given)
    expect([...memory.subarray(0, 4), ...memory.subarray(10)]).toEqual(new Array(10).fill(0))
    expect(outputs.get('y')?.data()).toBeInstanceOf(Float32Array)
    await session.release()
  })

  test('writes the optimised model', async () => {
    const optimisedModel = join(temporaryFolder(), 'optimised.onnx')
    const session = await binding.createSession(sums(), { ...plain, optimisation: 'basic', optimisedModel })
    await session.release()
    expect(await runOnce(binding, x(), readFileSync(optimisedModel))).toEqual(await runOnce(binding, x()))
  })
})

describe('the C API', () => {
  const x = () => c.tensor('float32', Float32Array.of(1), [])

  test('takes and gives float16', async () => {
    const halves = Uint16Array.of(0x3c00, 0x4000, 0xc000)
    const results = await runOnce(c, c.tensor('float16', halves, [1, 3]), sums('float16'))
    expect(results).toEqual([
      ['y', 'float16', [1, 3], Uint16Array.of(0x4000, 0x4400, 0xc400)],
      ['z', 'float16', [1, 3], halves],
    ])
  })

  test('computes while the event loop turns, and stops at a word', async () => {
    const session = await c.createSession(endlessModel(), plain)
    const controller = new AbortController()
    const run = session.run(new Map([['x', x()]]), controller.signal)
    const ended = run.catch(() => 'ended')
    for (let turn = 0; turn < 5; turn++) expect(await Promise.race([ended, sleep(5, 'turned')])).toBe('turned')
    controller.abort()
    await expect(run).rejects.toMatchObject({ code: 'cancelled' })
    await session.release()
  })

  test('releases a session after the run that is under way', async () => {
    const session = await c.createSession(endlessModel(), plain)
    const controller = new AbortController()
    const run = session.run(new Map([['x', x()]]), controller.signal)
    const order: string[] = []
    const released = session.release().then(() => order.push('released'))
    await sleep(20)
    controller.abort()
    await run.catch(() => order.push('stopped'))
    await released
    expect(order).toEqual(['stopped', 'released'])
    await expect(session.run(new Map([['x', x()]]))).rejects.toThrow(/after its release/)
  })

  test('stops making a session', async () => {
    const controller = new AbortController()
    const making = c.createSession(sums(), plain, controller.signal)
    controller.abort()
    await expect(making).rejects.toMatchObject({ code: 'cancelled' })
    await expect(c.createSession(sums(), plain, controller.signal)).rejects.toMatchObject({ code: 'cancelled' })
  })

  test('says what a provider does not have', async () => {
    for (const name of ['dml', 'coreml'] as const) {
      if (c.providers.has(name)) continue
      await expect(c.createSession(sums(), { ...plain, providers: [{ name }] })).rejects.toThrow(/provider/i)
    }
  })

  test('writes a profile', async () => {
    const folder = temporaryFolder()
    const session = await c.createSession(sums(), { ...plain, profile: join(folder, 'profile') })
    await session.run(new Map([['x', c.tensor('float32', given, [2, 3])]]))
    await session.release()
    const [file = ''] = readdirSync(folder)
    expect(readFileSync(join(folder, file), 'utf8')).toContain('model_run')
  })

  test('keeps nothing of runs and sessions', async () => {
    const mebibyte = 2 ** 20
    const rows = 87_000
    const data = new Float32Array(3 * rows)
    const runs = async (count: number) => {
      const session = await c.createSession(sums(), plain)
      for (let run = 0; run < count; run++) {
        const input = c.tensor('float32', data, [rows, 3])
        for (const output of (await session.run(new Map([['x', input]]))).values()) output.release()
        input.release()
      }
      await session.release()
    }
    const sessions = async (count: number) => {
      for (let session = 0; session < count; session++) await runs(1)
    }
    await runs(20)
    await sessions(20)
    const before = process.memoryUsage.rss()
    await runs(100)
    await sessions(40)
    // a tensor of each run that stays would be 100 MiB, and there are three
    expect(process.memoryUsage.rss() - before).toBeLessThan(50 * mebibyte)
  })
})

describe('the choice of a binding', () => {
  test('falls back to onnxruntime-node, and says why', async () => {
    process.env.LATENT_LOOM_ONNXRUNTIME = temporaryFolder()
    try {
      const { binding, without } = await openBinding(undefined)
      expect(binding.name).toBe('node')
      expect(without).toMatch(/has no library of ONNX Runtime/)
      await expect(openBinding('c')).rejects.toThrow(/has no library of ONNX Runtime/)
    } finally {
      delete process.env.LATENT_LOOM_ONNXRUNTIME
    }
  })

  test('does without what was fetched for CUDA if that does not open, and says why', async () => {
    const fetched = temporaryFolder()
    const opened = await openLibrary({ LATENT_LOOM_CUDA: fetched }, () => true)
    expect(opened.binding).toMatchObject({ name: 'c', version: node.version })
    expect(opened.refused).toContain(`${fetched} has no library of ONNX Runtime`)
    expect(await openLibrary({ LATENT_LOOM_CUDA: fetched }, () => false)).not.toHaveProperty('refused')
  })

  test('is the C API in a process that looks for the driver of what was fetched for CUDA', () => {
    const look = "import('#engine/ort/open.ts').then(({ binding }) => console.log(binding.name))"
    const env = { ...process.env, LATENT_LOOM_CUDA: temporaryFolder() }
    expect(execFileSync(process.execPath, ['-e', look], { cwd: programFolder, env }).toString().trim()).toBe('c')
  })

  test('takes the one that is asked for', async () => {
    expect((await openBinding('node')).binding.name).toBe('node')
    expect((await openBinding('c')).binding).toMatchObject({ name: 'c', version: node.version })
  })
})
