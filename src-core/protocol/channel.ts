import { z } from 'zod'
import { cancelled, LoomError } from '#core/errors.ts'
import { fromErrorData, toErrorData } from './error-data.ts'
import {
  errorData,
  type Method,
  type Params,
  type Result,
  type RunEvent,
  requests,
  results,
  runEvent,
} from './messages.ts'

/** Carries messages in order, whatever their content. */
export interface Transport {
  send(message: unknown): void
  /** Called once, before the first message arrives. The listener is not called again after `close`. */
  listen(listener: { message(message: unknown): void; close(reason: LoomError): void }): void
  close(): void
}

const callMessage = z.object({ id: z.number().int(), method: z.enum(methods()), params: z.unknown() })

const answerMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('event'), id: z.number().int(), event: runEvent }),
  z.object({ type: z.literal('result'), id: z.number().int(), result: z.unknown() }),
  z.object({ type: z.literal('error'), id: z.number().int(), error: errorData }),
])
type AnswerMessage = z.input<typeof answerMessage>

const paramsOf: { readonly [M in Method]: z.ZodType<Params<M>> } = requests
const resultOf: { readonly [M in Method]: z.ZodType<Result<M>> } = results

export interface CallOptions {
  /** Receives the events of the call, in order; none follows its answer. */
  emit?: (event: RunEvent) => void
  /** Asks the other side to end the call. The call still waits for the answer. */
  signal?: AbortSignal
}

/** The calling side. */
export interface Client {
  /** @throws LoomError the error that the other side answered with, or the reason for which the channel closed */
  call<M extends Method>(method: M, params: Params<M>, options?: CallOptions): Promise<Result<M>>
  /** Rejects every pending and every later call with `reason`. */
  close(reason: LoomError): void
  /** Why the channel closed; undefined while it is open. Calls that were pending reject with this object. */
  readonly closed: LoomError | undefined
}

interface Pending {
  settle(answer: { result: unknown } | { error: LoomError }): void
  readonly emit: (event: RunEvent) => void
}

export function createClient(transport: Transport): Client {
  const pending = new Map<number, Pending>()
  let nextId = 1
  let closed: LoomError | undefined

  function close(reason: LoomError): void {
    if (closed) return
    closed = reason
    transport.close()
    for (const { settle } of pending.values()) settle({ error: reason })
    pending.clear()
  }

  function receive(message: unknown): void {
    if (closed) return
    const parsed = answerMessage.safeParse(message)
    const call = parsed.success ? pending.get(parsed.data.id) : undefined
    if (!parsed.success) close(malformed('answer', parsed.error))
    else if (!call)
      close(new LoomError('engine', `The engine answered call ${parsed.data.id}, which is not under way.`))
    else deliver(parsed.data, call)
  }

  function deliver(answer: z.output<typeof answerMessage>, { emit, settle }: Pending): void {
    if (answer.type === 'event') {
      emit(answer.event)
      return
    }
    pending.delete(answer.id)
    settle(answer.type === 'error' ? { error: fromErrorData(answer.error) } : { result: answer.result })
  }

  function call<M extends Method>(method: M, params: Params<M>, options: CallOptions = {}): Promise<Result<M>> {
    const { emit = () => {}, signal } = options
    const id = nextId++
    const refusal = closed ?? (signal?.aborted ? cancelled() : undefined)
    if (refusal) return Promise.reject(refusal)
    return new Promise<Result<M>>((resolve, reject) => {
      const cancel = () => void call('cancel', { run: id }).catch(() => {})
      const settle: Pending['settle'] = (answer) => {
        signal?.removeEventListener('abort', cancel)
        const parsed = 'error' in answer ? undefined : resultOf[method].safeParse(answer.result)
        if (parsed?.success) resolve(parsed.data)
        else if (parsed) close(malformed(`result of ${method}`, parsed.error))
        reject('error' in answer ? answer.error : closed)
      }
      pending.set(id, { settle, emit })
      signal?.addEventListener('abort', cancel, { once: true })
      transport.send({ id, method, params })
    })
  }

  transport.listen({ message: receive, close })
  return {
    call,
    close,
    get closed() {
      return closed
    },
  }
}

/** The answering side's function for each method. The channel itself handles cancellation. */
export type Handlers = {
  readonly [M in Exclude<Method, 'cancel'>]: (
    params: Params<M>,
    context: { emit: (event: RunEvent) => void; signal: AbortSignal },
  ) => Promise<Result<M>>
}

/** The answering side. When the channel closes, every running call is cancelled and `onClose` is called once. */
export function serve(transport: Transport, handlers: Handlers, onClose: (reason: LoomError) => void): void {
  const running = new Map<number, AbortController>()
  let open = true

  function close(reason: LoomError): void {
    if (!open) return
    open = false
    transport.close()
    for (const controller of running.values()) controller.abort()
    onClose(reason)
  }

  function send(answer: AnswerMessage): void {
    if (open) transport.send(answer)
  }

  async function answer<M extends Exclude<Method, 'cancel'>>(id: number, method: M, params: Params<M>): Promise<void> {
    const controller = new AbortController()
    running.set(id, controller)
    const emit = (event: RunEvent) => {
      if (running.get(id) === controller) send({ type: 'event', id, event: runEvent.parse(event) })
    }
    try {
      const result = resultOf[method].parse(await handlers[method](params, { emit, signal: controller.signal }))
      running.delete(id)
      send({ type: 'result', id, result })
    } catch (error) {
      running.delete(id)
      send({ type: 'error', id, error: toErrorData(error) })
    }
  }

  function receive(message: unknown): void {
    if (!open) return
    const call = callMessage.safeParse(message)
    if (!call.success) {
      close(malformed('call', call.error))
      return
    }
    const { id, method, params } = call.data
    if (running.has(id)) close(new LoomError('engine', `Call ${id} came twice.`))
    else if (method === 'cancel') accept(method, params, ({ run }) => cancel(id, run))
    else accept(method, params, (accepted) => void answer(id, method, accepted))
  }

  function accept<M extends Method>(method: M, params: unknown, use: (params: Params<M>) => void): void {
    const parsed = paramsOf[method].safeParse(params)
    if (parsed.success) use(parsed.data)
    else close(malformed(`call of ${method}`, parsed.error))
  }

  function cancel(id: number, run: number): void {
    running.get(run)?.abort()
    send({ type: 'result', id, result: {} })
  }

  transport.listen({ message: receive, close })
}

function malformed(what: string, error: z.ZodError): LoomError {
  const issue = error.issues[0]
  const where = issue?.path.length ? ` at ${issue.path.join('.')}` : ''
  return new LoomError('engine', `The engine's channel carried a malformed ${what}${where}: ${issue?.message ?? ''}.`, {
    hint: 'The two sides may be of different versions; install Latent Loom anew.',
    cause: error,
  })
}

function methods(): [Method, ...Method[]] {
  return Object.keys(requests) as [Method, ...Method[]]
}
