import { existsSync, mkdirSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { serialize } from 'node:v8'
import { cancelled, LoomError } from '#core/errors.ts'
import type { Params, Result, RunEvent } from '#core/protocol/messages.ts'
import type { Engine } from '#engine/engine.ts'
import { pipeDescriptor } from '#main/host/pipe.ts'
import { endlessModel } from '../endless-model.ts'

/**
 * An engine that does what the document says, so that every way to end, hang or babble happens in a real process. The
 * document is JSON with `act`, and `name` as a workflow has it; `<act> once` acts in the first process alone.
 */
export function createEngine(options: { models?: string[] } = {}): Engine {
  let close = async () => {}
  return {
    async run(params, emit, signal) {
      const [act, once] = actOf(params)
      close = closings[act] ?? close
      const marker = join(params.outputFolder, 'acted')
      if (once === undefined || !existsSync(marker)) {
        if (once !== undefined) {
          mkdirSync(params.outputFolder, { recursive: true })
          writeFileSync(marker, '')
        }
        await acts[act]?.({ params, emit, signal })
      }
      return picture(params, emit, signal)
    },
    async validate(params) {
      const [act] = actOf(params)
      const told = { invalid: problems, leaky: [leak(params.folders), leak(options.models)] }[act] ?? []
      return { problems: told, advice: [] }
    },
    inspect: async ({ file, against }) => ({ file, against, models: options.models }),
    devices: async () => ({
      devices: [{ name: 'cpu', available: true, detail: 'two cores' }],
      versions: { 'onnxruntime-node': '1.2.3' },
    }),
    close: () => close(),
  }
}

const problems = [
  { code: 'range' as const, message: 'steps is 0.', node: 'sampler', input: 'steps', hint: 'Use 1 to 50.' },
  { code: 'missing-input' as const, message: 'model is missing.', node: 'sampler', input: 'model' },
]

/** A problem whose every text names where files lie. */
const leak = (folders: readonly string[] = []) => ({
  code: 'not-found' as const,
  message: `The file is in none of these folders: ${folders.map((folder) => join(folder, 'a b', 'fox.png')).join(', ')}.`,
  hint: `Put it into ${folders.join(', ')}.`,
})

function actOf({ document }: { document: string }): [string, string?] {
  const { name = 'picture' }: { name?: string } = JSON.parse(document)
  const [act = '', once] = name.split(' ')
  return [act, once]
}

interface Scene {
  readonly params: Params<'run'>
  readonly emit: (event: RunEvent) => void
  readonly signal: AbortSignal
}

/** Only the end of the process ends it, however slow the machine is. */
const forever = () => sleep(2 ** 31 - 1)

const dieBy = (signal: NodeJS.Signals) => () => {
  process.kill(process.pid, signal)
  return forever()
}

/** What goes wrong when all is done: destructors of native libraries crash and hang. */
const closings: Record<string, () => Promise<void>> = {
  'crash-at-close': dieBy('SIGSEGV'),
  'hang-at-close': forever,
}

/** ONNX Runtime computes until it is stopped. Begins once that is told. */
async function compute({ emit, signal }: Scene): Promise<never> {
  // the other acts need no library
  const { openCBinding } = await import('#engine/ort/open.ts')
  const binding = await openCBinding()
  const options = { providers: [{ name: 'cpu' }], optimisation: 'all', memoryPattern: false, config: {} } as const
  const session = await binding.createSession(endlessModel(), options)
  const running = session.run(new Map([['x', binding.tensor('float32', Float32Array.of(1), [])]]), signal)
  await sleep(10)
  emit({ type: 'step', step: 1, steps: 2 })
  await running
  throw new Error('What does not end has ended.')
}

const acts: Record<string, (scene: Scene) => unknown> = {
  computing: compute,
  'SIGSEGV-computing': async (scene) => {
    const computing = compute(scene)
    await sleep(30)
    await Promise.race([computing, dieBy('SIGSEGV')()])
  },
  SIGSEGV: dieBy('SIGSEGV'),
  SIGABRT: dieBy('SIGABRT'),
  SIGKILL: dieBy('SIGKILL'),
  SIGSTOP: ({ emit }) => {
    emit({ type: 'step', step: 1, steps: 2 })
    return dieBy('SIGSTOP')()
  },
  exit: () => process.exit(3),
  'exit-zero': () => process.exit(0),
  throw: () => {
    process.stderr.write('native library: device lost\n')
    setTimeout(() => {
      throw new Error('thrown where nobody catches')
    })
    return forever()
  },
  heap: () => {
    const kept: object[] = []
    for (;;) kept.push({ kept: [...Array(100).keys()] })
  },
  flood: () => {
    const line = `${'flood '.repeat(170)}\n`.repeat(64)
    for (let count = 0; count < 800; count++) writeSync(1 + (count % 2), line)
  },
  'raw-garbage': async () => {
    writeSync(pipeDescriptor, Buffer.alloc(4096, 0x21))
    await forever()
  },
  'malformed-message': async () => {
    const body = serialize({ type: 'result', id: 'one', result: null })
    const header = Buffer.alloc(4)
    header.writeUInt32LE(body.length)
    writeSync(pipeDescriptor, Buffer.concat([header, body]))
    await forever()
  },
  'wrong-result': async () => {
    const body = serialize({ type: 'event', id: 99, event: { type: 'step', step: 1, steps: 1 } })
    const header = Buffer.alloc(4)
    header.writeUInt32LE(body.length)
    writeSync(pipeDescriptor, Buffer.concat([header, body]))
    await forever()
  },
  /** Native code that never gives the thread back. */
  blocked: ({ emit }) => {
    emit({ type: 'phase', phase: 'sample', node: 'sampler', label: 'Sampler' })
    emit({ type: 'step', node: 'sampler', step: 1, steps: 2 })
    setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))
    return forever()
  },
  /** Does not heed cancellation. */
  deaf: async ({ emit }) => {
    emit({ type: 'phase', phase: 'sample', node: 'sampler', label: 'Sampler' })
    emit({ type: 'step', node: 'sampler', step: 1, steps: 2 })
    await forever()
  },
  /** Goes on until it is cancelled. */
  slow: async ({ emit, signal }) => {
    emit({ type: 'phase', phase: 'sample', node: 'sampler', label: 'Sampler' })
    for (let step = 1; ; step = Math.min(step + 1, 200)) {
      if (signal.aborted) throw cancelled()
      emit({ type: 'step', node: 'sampler', step, steps: 200 })
      await sleep(50)
    }
  },
  /** More previews than anybody can look at: 80 MB in 400 of them. */
  previews: async ({ emit, signal }) => {
    const rgb = new Uint8Array(3 * 256 * 256)
    for (let step = 1; step <= 400; step++) {
      if (signal.aborted) throw cancelled()
      emit({ type: 'step', node: 'sampler', step, steps: 400 })
      emit({ type: 'preview', node: 'sampler', width: 256, height: 256, rgb: rgb.fill(step % 256) })
      await nextTurn()
    }
  },
  /** A picture of a node in the middle, asked for by `targets`. */
  shown: ({ params, emit }) => {
    const path = join(params.outputFolder, 'shown.png')
    writeFileSync(path, JSON.stringify(params))
    emit({ type: 'image', path, node: 'decode', shown: true, width: 1, height: 1 })
  },
  /** More steps than a client that never reads may leave lying. */
  steps: async ({ emit, signal }) => {
    emit({ type: 'phase', phase: 'sample', node: 'sampler', label: 'Sampler' })
    for (let step = 1; step <= 30_000; step++) {
      if (signal.aborted) throw cancelled()
      emit({ type: 'step', node: 'sampler', step, steps: 30_000 })
      if (step % 100 === 0) await nextTurn()
    }
  },
  invalid: () => {
    const cause = problems.map(({ code, message, ...details }) => new LoomError(code, message, details))
    throw new LoomError('invalid', 'The workflow has 2 problems.', { cause })
  },
  /** Tells where files lie in every text that it may send. */
  leaky: ({ params, emit }) => {
    const file = join(params.outputFolder, 'secret', 'fox.png')
    emit({ type: 'phase', phase: 'load', label: file })
    emit({ type: 'warning', error: leak(params.folders) })
    emit({
      type: 'explain',
      of: `UNet of ${file}`,
      adapters: [{ file, strength: 1, live: true, why: `It is ${file}.` }],
    })
    emit({ type: 'dump', stage: 'plan', of: file, text: 'plan' })
    const { code, message, hint } = leak([params.outputFolder])
    throw new LoomError(code, message, { hint, cause: [new LoomError(code, message, { hint })] })
  },
  unreadable: () => {
    throw new LoomError('not-found', 'The file "fox\u001b[31m.safetensors" is in none of 2 folders.', {
      node: 'checkpoint',
      input: 'file',
      hint: 'Name its folder with --models.',
    })
  },
}

async function picture(params: Params<'run'>, emit: Scene['emit'], signal: AbortSignal): Promise<Result<'run'>> {
  const steps = 4
  emit({ type: 'phase', phase: 'load', label: 'tiny.safetensors' })
  emit({ type: 'phase', phase: 'sample', node: 'sampler', label: 'Sampler' })
  for (let step = 1; step <= steps; step++) {
    await nextTurn()
    if (signal.aborted) throw cancelled()
    emit({ type: 'step', node: 'sampler', step, steps })
  }
  if (params.previews) emit({ type: 'preview', width: 1, height: 1, rgb: new Uint8Array([1, 2, 3]) })
  mkdirSync(params.outputFolder, { recursive: true })
  const image = { path: join(params.outputFolder, 'picture.png'), node: 'save', width: 1, height: 1, seed: params.seed }
  writeFileSync(image.path, JSON.stringify(params))
  emit({ type: 'image', ...image })
  const node = { op: 'Conv', name: 'mid_block/Conv:3', of: 'UNet of tiny.safetensors', runs: 4, milliseconds: 308.6 }
  const profile = params.profile && { path: params.profile, count: 27, milliseconds: 900, nodes: [node] }
  return { images: [image], steps: 6, reused: 1, sessions: 3, milliseconds: 1234.5, ...(profile && { profile }) }
}
