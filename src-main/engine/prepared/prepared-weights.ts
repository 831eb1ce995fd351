import { createHash } from 'node:crypto'
import { cpus } from 'node:os'
import { LoomError } from '#core/errors.ts'
import { openTensorFile, type TensorFile } from '../files/tensor-file.ts'
import type { LoweredModel } from '../models/networks/model.ts'
import { float32Bytes, foldedValues, withWeights } from '../onnx/constants.ts'
import { externalFolder } from '../onnx/external.ts'
import { fingerprints } from '../onnx/fingerprint.ts'
import type { ExternalTensor, Value } from '../onnx/ir.ts'
import { binding } from '../ort/open.ts'
import type { Device } from '../runtime/devices.ts'
import { fill, SlowDisk } from './fill.ts'
import { type Added, PreparedStore, type Refusal } from './store.ts'

/** Milliseconds: a file that was just written may change again without another time to tell. */
const resting = 2_000

interface Preparing {
  /** For people: `UNet of emoji-tiny.safetensors`. */
  readonly of: string
  readonly device: Device
  /** The network without adapters, if the model has some. */
  readonly base?: LoweredModel | undefined
  readonly signal?: AbortSignal | undefined
  /** Called while a set is made. What it throws ends the making. */
  readonly progress: (step: number, steps: number) => Promise<void>
  /** Told why weights are not kept, if an artist could change that. */
  readonly refused?: ((error: LoomError) => void) | undefined
}

/**
 * Weights as sessions need them, kept in files that sessions map instead of owning what they would compute from a checkpoint.
 *
 * A network without adapters is a set. One with adapters takes from it what they leave alone; what they change is a set of its
 * own once it is asked for a second time.
 */
export class PreparedWeights {
  readonly #store: PreparedStore
  /** Sets that the drive does not have yet, by key. */
  readonly #settling = new Map<string, Added>()
  /** Files that the drive failed to take. */
  readonly #doubtful = new Set<string>()

  constructor(folder: string) {
    this.#store = new PreparedStore(folder)
  }

  /**
   * The model with its weights in the store's files, as far as they are there or can be put there. Where the disk is short,
   * slow or broken, this is the model as it was.
   * @throws what `progress` throws if it is `cancelled`
   */
  async ready(model: LoweredModel, preparing: Preparing): Promise<LoweredModel> {
    const { base = model, refused } = preparing
    const files = new Set([...model.files, ...base.files])
    if (new Set(Array.from(files, externalFolder)).size !== 1) return model
    const wanted = storable(model)
    if (!this.#sharesDrive(model, wanted)) {
      refused?.(this.#refusal('it is on another drive than the model, some of whose weights are used where they lie'))
      return model
    }
    const identities = await identitiesOf(files)
    if (!identities) return model
    const fingerprintOf = fingerprints(identities)
    const setOf = (values: readonly Value[]) => new Map(values.map((value) => [fingerprintOf(value), value]))
    const own = await this.#places(setOf(storable(base)), preparing, identities, async () => true)
    // without adapters that set is all there is
    const rest = setOf(base === model ? [] : wanted.filter((value) => !own.has(fingerprintOf(value))))
    const added = await this.#places(rest, preparing, identities, (key) => this.#store.askedBefore(key))
    const places = new Map<Value, ExternalTensor>()
    for (const value of wanted) {
      const place = own.get(fingerprintOf(value)) ?? added.get(fingerprintOf(value))
      if (place) places.set(value, place)
    }
    if (places.size === 0) return model
    return model.withGraph(withWeights(model.graph, places))
  }

  /** Whether a model maps a file that the drive failed to take: what it reads there may be lost. */
  doubts({ files }: Pick<LoweredModel, 'files'>): boolean {
    return files.some((file) => this.#doubtful.has(file))
  }

  /** Ends when the drive has every set. */
  async settled(): Promise<void> {
    await Promise.all(Array.from(this.#settling.values(), ({ settled }) => settled))
  }

  /** Whether a session could read all weights of the model, for it reads from one drive only. */
  #sharesDrive(model: LoweredModel, stored: readonly Value[]): boolean {
    const root = externalFolder(this.#store.folder)
    if (model.files.every((file) => externalFolder(file) === root)) return true
    const place = { file: this.#store.folder, offset: 0, byteLength: 0 }
    const { files } = model.withGraph(withWeights(model.graph, new Map(stored.map((value) => [value, place]))))
    return files.every((file) => externalFolder(file) === root)
  }

  /**
   * Where the values of a set lie, by fingerprint; empty if they do not.
   * @param worthwhile whether to make a set that is missing
   */
  async #places(
    set: ReadonlyMap<string, Value>,
    preparing: Preparing,
    identities: ReadonlyMap<string, string>,
    worthwhile: (key: string) => Promise<boolean>,
  ): Promise<ReadonlyMap<string, ExternalTensor>> {
    if (set.size === 0) return new Map()
    const key = keyOf(set.keys())
    try {
      const file =
        this.#settling.get(key)?.file ??
        (await this.#store.find(key)) ??
        ((await worthwhile(key)) ? await this.#make(key, set, preparing, identities) : undefined)
      return file ? placesIn(file) : new Map()
    } catch (error) {
      if (error instanceof LoomError && error.code === 'cancelled') throw error
      if (error instanceof SlowDisk) await this.#store.markSlow()
      // what the store cannot do, the session does in memory, or says why not
      const why = error instanceof SlowDisk ? refusals.slow : error instanceof Error ? error.message : String(error)
      preparing.refused?.(this.#refusal(why, error))
      return new Map()
    }
  }

  async #make(
    key: string,
    values: ReadonlyMap<string, Value>,
    { of, device, signal, progress, refused }: Preparing,
    identities: ReadonlyMap<string, string>,
  ): Promise<TensorFile | undefined> {
    const bytes = Array.from(values.values()).reduce((sum, value) => sum + float32Bytes(value), 0)
    const refusal = await this.#store.makeRoom(bytes)
    if (refusal) {
      if (refusal !== 'off') refused?.(this.#refusal(refusals[refusal]))
      return undefined
    }
    const [source = ''] = identities.keys()
    const sessionOptions = device.sessionOptions(externalFolder(source), 'disabled')
    const { file, settled } = await this.#store.add(key, of, async (handle) => {
      await fill({ handle, values, sessionOptions, signal, progress })
      const after = await identitiesOf(identities.keys())
      if (JSON.stringify(Array.from(after ?? [])) === JSON.stringify(Array.from(identities))) return
      throw new LoomError('io', 'a file changed while its weights were prepared')
    })
    const known = settled.then((taken) => {
      if (!taken) this.#doubtful.add(file.path)
      this.#settling.delete(key)
      return taken
    })
    this.#settling.set(key, { file, settled: known })
    return file
  }

  #refusal(why: string, cause?: unknown): LoomError {
    return new LoomError(
      'io',
      `Weights are not kept for the next start, which takes time and memory: ${this.#store.folder}: ${why}.`,
      { hint: '`latent-loom cache` shows and limits the folder; LATENT_LOOM_PREPARED names another, or `off`.', cause },
    )
  }
}

const refusals: Readonly<Record<Exclude<Refusal, 'off'>, string>> = {
  limit: 'the model needs more than the folder may hold',
  full: 'the disk is nearly full',
  slow: 'the disk takes longer than the computation',
}

/** The folded values that a file of float32 can hold. */
function storable({ graph }: LoweredModel): readonly Value[] {
  return foldedValues(graph).filter((value) => value.dtype === 'float32' && float32Bytes(value) > 0)
}

function placesIn({ path, header }: TensorFile): ReadonlyMap<string, ExternalTensor> {
  return new Map(
    Array.from(header.tensors, ([name, { offset, byteLength }]) => [name, { file: path, offset, byteLength }]),
  )
}

/** Names a set by its values, the runtime that computes them, and the processor, on which their last bits may depend. */
function keyOf(names: Iterable<string>): string {
  const machine = [binding.version, process.platform, process.arch, cpus()[0]?.model]
  return createHash('sha256')
    .update(JSON.stringify([machine, [...names].sort()]))
    .digest('hex')
    .slice(0, 32)
}

/**
 * What tells versions of the files apart: size, time, inode and header, so that a file keeps its sets when it is renamed.
 * @returns undefined if one was just written or cannot be read
 */
async function identitiesOf(files: Iterable<string>): Promise<ReadonlyMap<string, string> | undefined> {
  const identities = new Map<string, string>()
  for (const path of files) {
    const file = await openTensorFile(path).catch(() => undefined)
    if (!file || file.identity.mtimeMs > Date.now() - resting) return undefined
    const { size, mtimeMs, inode, headerHash } = file.identity
    identities.set(path, JSON.stringify([size, mtimeMs, inode, headerHash]))
  }
  return identities
}
