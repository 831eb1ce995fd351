import { LoomError } from '#core/errors.ts'

/** A name of Python, such as `torch.FloatStorage`. It stands for nothing here: what is called or built stays a record. */
export class PickledName {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

/** What a pickle would make by a call. It is never called. */
export class PickledCall {
  readonly name: string
  readonly args: readonly Pickled[]
  /** What the pickle would put into the object. */
  state: Pickled = null
  constructor(name: string, args: readonly Pickled[]) {
    this.name = name
    this.args = args
  }
}

/** A thing outside the pickle, such as a storage of torch. */
export class PickledReference {
  readonly id: Pickled
  constructor(id: Pickled) {
    this.id = id
  }
}

export type Pickled =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Pickled[]
  | Map<Pickled, Pickled>
  | Set<Pickled>
  | PickledName
  | PickledCall
  | PickledReference

/** Calls that make a container, which may be filled afterwards. */
const containers: Readonly<Record<string, (args: readonly Pickled[]) => Pickled>> = {
  'collections.OrderedDict': ([pairs]) => mapOf(pairs),
  'collections.defaultdict': ([, pairs]) => mapOf(pairs),
  'builtins.dict': ([pairs]) => mapOf(pairs),
  'builtins.set': ([items]) => new Set(Array.isArray(items) ? items : []),
  'builtins.list': ([items]) => (Array.isArray(items) ? [...items] : []),
}

function mapOf(pairs: Pickled = null): Map<Pickled, Pickled> {
  if (pairs instanceof Map) return new Map(pairs)
  const entries = Array.isArray(pairs) ? pairs.filter((pair) => Array.isArray(pair)) : []
  return new Map(entries.map(([key = null, value = null]) => [key, value]))
}

/** What the format around a pickle says of it. */
export interface PickleRules {
  /** Whether a name of Python may stand in the pickle. */
  allows(name: string): boolean
  /** What an id of something outside the pickle stands for. */
  resolve(id: Pickled): Pickled
}

/**
 * Reads a pickle without executing anything: a machine with a stack that only knows how to make data. An opcode that is
 * not in its table, or a name that the rules do not allow, ends the reading; calls become records.
 * @param start where the pickle begins in `bytes`
 * @returns the value, and where the pickle ends
 * @see https://github.com/python/cpython/blob/main/Lib/pickletools.py
 * @throws LoomError `unsupported` for an opcode or a name, `parse` for damaged bytes, `limit` for huge numbers
 */
export function readPickle(
  bytes: Uint8Array,
  start: number,
  rules: PickleRules,
): { readonly value: Pickled; readonly end: number } {
  const machine = new Machine(bytes, start, rules)
  for (;;) {
    const at = machine.at
    const opcode = machine.byte()
    if (opcode === stop) return { value: machine.pop(), end: machine.at }
    const act = opcodes.get(opcode)
    if (!act) throw refused(`the opcode 0x${opcode.toString(16).padStart(2, '0')} at byte ${at}`)
    act(machine)
  }
}

const refused = (what: string): LoomError =>
  new LoomError('unsupported', `It is a PyTorch pickle with ${what}, which a file of tensors does not need.`, {
    hint: 'Nothing of it was executed. Get the .safetensors version, or convert the file with torch where you trust it.',
  })

const damaged = (): LoomError =>
  new LoomError('parse', 'It is a PyTorch pickle that is damaged or cut off.', { hint: 'Download the file again.' })

/** A pickle that goes on where its bytes end: more of the file may be needed. */
export class PickleEnds extends LoomError {
  constructor() {
    const { code, message, hint } = damaged()
    super(code, message, hint === undefined ? {} : { hint })
  }
}

/** Bytes of a whole number at most; torch's magic number has ten. */
const maxInteger = 255
/** Lists, records, marks and so on at most, because a byte makes one of a hundred bytes. A tensor takes about 30. */
const maxObjects = 2_000_000

class Machine {
  at: number
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #rules: PickleRules
  #stack: Pickled[] = []
  /** Stacks below marks. */
  readonly #below: Pickled[][] = []
  readonly #memo = new Map<number, Pickled>()
  #copied = 0
  #objects = 0

  constructor(bytes: Uint8Array, start: number, rules: PickleRules) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.at = start
    this.#rules = rules
  }

  /** The next `length` bytes. */
  take(length: number): Uint8Array {
    const from = this.at
    this.at += length
    if (!(this.at <= this.#bytes.length)) throw new PickleEnds()
    return this.#bytes.subarray(from, this.at)
  }

  byte(): number {
    return this.take(1)[0] ?? 0
  }

  /** An unsigned number of 2, 4 or 8 bytes. */
  unsigned(size: 2 | 4 | 8): number {
    const from = this.at
    this.take(size)
    if (size === 2) return this.#view.getUint16(from, true)
    return size === 4 ? this.#view.getUint32(from, true) : Number(this.#view.getBigUint64(from, true))
  }

  int32(): number {
    return this.unsigned(4) | 0
  }

  float64(): number {
    const from = this.at
    this.take(8)
    return this.#view.getFloat64(from)
  }

  /** A whole number in two's complement, lowest byte first. */
  integer(length: number): number | bigint {
    if (length > maxInteger) throw new LoomError('limit', `Its pickle has a number of ${length} bytes.`)
    let value = 0n
    for (const byte of this.take(length).toReversed()) value = (value << 8n) | BigInt(byte)
    value = BigInt.asIntN(length * 8, value)
    return Number.isSafeInteger(Number(value)) ? Number(value) : value
  }

  text(length: number): string {
    return new TextDecoder().decode(this.take(length))
  }

  /** A line without its end. */
  line(): string {
    const end = this.#bytes.indexOf(10, this.at)
    if (end < 0) throw new PickleEnds()
    const text = this.text(end - this.at)
    this.at += 1
    return text
  }

  push(value: Pickled): void {
    if (typeof value === 'object' && value !== null) this.#count()
    this.#stack.push(value)
  }

  /** Counts what takes more memory than the byte that makes it. */
  #count(): void {
    this.#objects += 1
    if (this.#objects <= maxObjects) return
    throw new LoomError('limit', `It is a PyTorch pickle of more than ${maxObjects} lists and records.`, {
      hint: 'Such a file is made to exhaust memory. Use another one.',
    })
  }

  pop(): Pickled {
    const value = this.#stack.pop()
    if (value === undefined) throw damaged()
    return value
  }

  /** The last `count` values, in their order. */
  popMany(count: number): Pickled[] {
    if (count > this.#stack.length) throw damaged()
    return count === 0 ? [] : this.#stack.splice(-count)
  }

  peek(): Pickled {
    const value = this.#stack.at(-1)
    if (value === undefined) throw damaged()
    return value
  }

  mark(): void {
    this.#count()
    this.#below.push(this.#stack)
    this.#stack = []
  }

  /** The values behind the last mark. */
  popMark(): Pickled[] {
    const items = this.#stack
    const below = this.#below.pop()
    if (!below) throw damaged()
    this.#stack = below
    return items
  }

  memoise(index = this.#memo.size): void {
    this.#count()
    this.#memo.set(index, this.peek())
  }

  recall(index: number): void {
    const value = this.#memo.get(index)
    if (value === undefined) throw damaged()
    this.push(value)
  }

  name(module: string, name: string): void {
    const whole = `${module.replace(/^__builtin__$/, 'builtins')}.${name}`
    if (!this.#rules.allows(whole)) throw refused(`the name ${JSON.stringify(whole.slice(0, 200))}`)
    this.push(new PickledName(whole))
  }

  call(): void {
    const args = this.pop()
    const target = this.pop()
    if (!(target instanceof PickledName) || !Array.isArray(args)) throw damaged()
    const make = Object.hasOwn(containers, target.name) ? containers[target.name] : undefined
    if (make) this.#allowCopy(args)
    this.push(make ? make(args) : new PickledCall(target.name, args))
  }

  refer(): void {
    this.push(this.#rules.resolve(this.pop()))
  }

  /** Refuses a pickle that copies one large list again and again, which takes few bytes and much memory. */
  #allowCopy(args: readonly Pickled[]): void {
    for (const arg of args) {
      if (Array.isArray(arg)) this.#copied += arg.length
      if (arg instanceof Map) this.#copied += arg.size
    }
    if (this.#copied > this.#bytes.length) {
      throw new LoomError('limit', 'Its pickle copies lists again and again, as if to exhaust memory.')
    }
  }

  append(items: readonly Pickled[]): void {
    const list = this.peek()
    if (Array.isArray(list)) for (const item of items) list.push(item)
    else if (list instanceof Set) for (const item of items) list.add(item)
    else if (!(list instanceof PickledCall)) throw damaged()
  }

  setItems(items: readonly Pickled[]): void {
    const map = this.peek()
    if (items.length % 2 !== 0 || !(map instanceof Map || map instanceof PickledCall)) throw damaged()
    if (!(map instanceof Map)) return
    for (let index = 0; index < items.length; index += 2) map.set(items[index] ?? null, items[index + 1] ?? null)
  }

  dictionary(): void {
    const items = this.popMark()
    this.push(new Map())
    this.setItems(items)
  }

  /** Keeps the state of a record. An ordered dictionary's is torch's list of module versions, which nothing needs. */
  build(): void {
    const state = this.pop()
    const object = this.peek()
    if (object instanceof PickledCall) object.state = state
    else if (!(object instanceof Map)) throw damaged()
  }
}

const stop = 0x2e

/** The opcodes that make data, by number. Protocols 2 to 5; those of older and of side effects are left out. */
const opcodes: ReadonlyMap<number, (machine: Machine) => void> = new Map<number, (machine: Machine) => void>([
  [0x80, (m) => void m.byte()], // PROTO
  [0x95, (m) => void m.unsigned(8)], // FRAME
  [0x28, (m) => m.mark()],
  [0x30, (m) => void m.pop()],
  [0x31, (m) => void m.popMark()],
  [0x4e, (m) => m.push(null)],
  [0x88, (m) => m.push(true)],
  [0x89, (m) => m.push(false)],
  [0x4a, (m) => m.push(m.int32())],
  [0x4b, (m) => m.push(m.byte())],
  [0x4d, (m) => m.push(m.unsigned(2))],
  [0x8a, (m) => m.push(m.integer(m.byte()))],
  [0x8b, (m) => m.push(m.integer(m.unsigned(4)))],
  [0x47, (m) => m.push(m.float64())],
  [0x8c, (m) => m.push(m.text(m.byte()))],
  [0x58, (m) => m.push(m.text(m.unsigned(4)))],
  [0x8d, (m) => m.push(m.text(m.unsigned(8)))],
  // a text of Python 2
  [0x55, (m) => m.push(m.text(m.byte()))],
  [0x54, (m) => m.push(m.text(m.unsigned(4)))],
  [0x43, (m) => m.push(m.take(m.byte()))],
  [0x42, (m) => m.push(m.take(m.unsigned(4)))],
  [0x8e, (m) => m.push(m.take(m.unsigned(8)))],
  [0x5d, (m) => m.push([])],
  [0x7d, (m) => m.push(new Map())],
  [0x8f, (m) => m.push(new Set())],
  [0x29, (m) => m.push([])],
  [0x85, (m) => m.push(m.popMany(1))],
  [0x86, (m) => m.push(m.popMany(2))],
  [0x87, (m) => m.push(m.popMany(3))],
  [0x74, (m) => m.push(m.popMark())],
  [0x6c, (m) => m.push(m.popMark())],
  [0x64, (m) => m.dictionary()],
  [0x61, (m) => m.append([m.pop()])],
  [0x65, (m) => m.append(m.popMark())],
  [0x90, (m) => m.append(m.popMark())],
  [0x73, (m) => m.setItems(m.popMany(2))],
  [0x75, (m) => m.setItems(m.popMark())],
  [0x71, (m) => m.memoise(m.byte())],
  [0x72, (m) => m.memoise(m.unsigned(4))],
  [0x94, (m) => m.memoise()],
  [0x68, (m) => m.recall(m.byte())],
  [0x6a, (m) => m.recall(m.unsigned(4))],
  [0x63, (m) => m.name(m.line(), m.line())], // GLOBAL
  [0x93, (m) => stackName(m)],
  [0x52, (m) => m.call()], // REDUCE
  [0x81, (m) => m.call()], // NEWOBJ
  [0x62, (m) => m.build()],
  [0x51, (m) => m.refer()], // BINPERSID
])

function stackName(machine: Machine): void {
  const [module, name] = machine.popMany(2)
  if (typeof module !== 'string' || typeof name !== 'string') throw damaged()
  machine.name(module, name)
}
