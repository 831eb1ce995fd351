import { mkdtemp, open, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Step } from '#core/plan/step.ts'
import type { Result, RunEvent } from '#core/protocol/messages.ts'
import { replaceFile } from '../files/atomic.ts'

/** The format of Chrome's traces, which Perfetto reads: complete events and metadata, times in microseconds. */
type TraceEvent =
  | { ph: 'X'; pid: 1; tid: number; cat: string; name: string; ts: number; dur: number; args: object }
  | { ph: 'M'; pid: 1; tid: number; name: 'process_name' | 'thread_name'; args: { name: string } }

/** Track of the plan's steps. Those of the sessions follow, one each. */
const stepTrack = 0
/** How ONNX Runtime ends the name of a node's event. */
const kernelTime = '_kernel_time'
const mostNodes = 10

type Report = NonNullable<Result<'run'>['profile']>
type CostlyNode = Report['nodes'][number]

/** What a run costs: the steps of its plan, and the nodes of its sessions as ONNX Runtime measures them. */
export class Profile {
  /** ONNX Runtime writes here. */
  readonly #folder: string
  readonly #began = performance.now()
  readonly #steps: TraceEvent[] = []
  readonly #sessions: { readonly name: string; readonly began: number }[] = []
  /** What the run has been doing since when. */
  #doing = { label: '', since: 0 }

  private constructor(folder: string) {
    this.#folder = folder
  }

  static async begin(): Promise<Profile> {
    return new Profile(await mkdtemp(join(tmpdir(), 'latent-loom-profile-')))
  }

  /**
   * Called when ONNX Runtime is about to make a session, because it counts from then on.
   * @returns the prefix of the file that receives its profile when it is released
   */
  session(name: string): string {
    this.#sessions.push({ name, began: this.#now() })
    return join(this.#folder, `${this.#sessions.length}`)
  }

  async step<T>({ op, id }: Step, node: string | undefined, work: () => Promise<T>): Promise<T> {
    const since = this.#now()
    try {
      return await work()
    } finally {
      this.#span(op, since, { step: `%${id}`, ...(node !== undefined && { node }) })
    }
  }

  /** An event of the run. Steps of samplers get spans of their own. */
  event(event: RunEvent): void {
    if (event.type !== 'phase' && event.type !== 'step') return
    if (event.type === 'step') {
      const { label, since } = this.#doing
      this.#span(`${label} ${event.step}/${event.steps}`, since, {})
    }
    const label = event.type === 'phase' ? `${event.phase} ${event.label}` : this.#doing.label
    this.#doing = { label, since: this.#now() }
  }

  /**
   * Writes the trace, once all sessions are released.
   * @throws LoomError `io` or `not-found`
   */
  async write(path: string): Promise<Report> {
    const nodes = new Map<string, CostlyNode>()
    const files = await readdir(this.#folder)
    await replaceFile(path, async (handle) => {
      const write = (event: TraceEvent, separator = ',\n') => handle.write(separator + JSON.stringify(event))
      await handle.write('{"displayTimeUnit":"ms","traceEvents":[\n')
      await write({ ph: 'M', pid: 1, tid: stepTrack, name: 'process_name', args: { name: 'Latent Loom' } }, '')
      await write({ ph: 'M', pid: 1, tid: stepTrack, name: 'thread_name', args: { name: 'steps' } })
      for (const event of this.#steps) await write(event)
      for (const [index, { name: of, began }] of this.#sessions.entries()) {
        const tid = stepTrack + 1 + index
        await write({ ph: 'M', pid: 1, tid, name: 'thread_name', args: { name: of } })
        const file = files.find((name) => name.startsWith(`${index + 1}_`))
        if (file === undefined) continue
        await using measured = await open(join(this.#folder, file))
        for await (const line of measured.readLines()) {
          const event = measuredEvent(line)
          if (!event) continue
          const { ts, dur, cat } = event
          const { op_name: op, provider, input_type_shape: takes, output_type_shape: gives } = event.args
          const name = event.name.replace(kernelTime, '')
          await write({ ph: 'X', pid: 1, tid, cat, name, ts: ts + began, dur, args: { op, provider, takes, gives } })
          if (op === undefined) continue
          const key = `${of} ${name}`
          const { runs = 0, milliseconds = 0 } = nodes.get(key) ?? {}
          nodes.set(key, { of, name, op, runs: runs + 1, milliseconds: milliseconds + dur / 1000 })
        }
      }
      await handle.write('\n]}\n')
    })
    const costliest = Array.from(nodes.values()).sort((a, b) => b.milliseconds - a.milliseconds)
    return {
      path,
      count: nodes.size,
      milliseconds: costliest.reduce((sum, { milliseconds }) => sum + milliseconds, 0),
      nodes: costliest.slice(0, mostNodes),
    }
  }

  /** Removes what ONNX Runtime wrote. */
  async discard(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true })
  }

  #span(name: string, ts: number, args: object): void {
    this.#steps.push({ ph: 'X', pid: 1, tid: stepTrack, cat: 'Step', name, ts, dur: this.#now() - ts, args })
  }

  /** Microseconds since the run began. */
  #now(): number {
    return Math.round(1000 * (performance.now() - this.#began))
  }
}

interface MeasuredEvent {
  readonly cat: string
  readonly name: string
  readonly ts: number
  readonly dur: number
  /** Of a node's event. */
  readonly args: {
    readonly op_name?: string
    readonly provider?: string
    readonly input_type_shape?: unknown
    readonly output_type_shape?: unknown
  }
}

/** An event of ONNX Runtime's file, which has one a line. Undefined for the brackets around them. */
function measuredEvent(line: string): MeasuredEvent | undefined {
  return line.startsWith('{') ? JSON.parse(line.replace(/,$/, '')) : undefined
}
