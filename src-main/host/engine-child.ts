import { type ChildProcess, spawn } from 'node:child_process'
import { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { LoomError } from '#core/errors.ts'
import { type Client, createClient, type Transport } from '#core/protocol/channel.ts'
import { programModules } from '../program.ts'
import { describeExit, oomKillCount } from './exit.ts'
import { createLogTail } from './log-tail.ts'
import { pipeDescriptor, pipeTransport } from './pipe.ts'

/** Milliseconds a process may take to end once its pipe is closed: native destructors sometimes hang. */
const endGrace = 2_000

/** The engine to run in the process. */
export interface EngineProgram {
  /** Address (file URL) of a module that exports `createEngine`. */
  readonly module: string
  /** Its argument; JSON. */
  readonly options: unknown
  readonly environment: NodeJS.ProcessEnv
}

export interface EngineChild {
  /** The pipe to the process. It closes with the decoded exit once the process has ended. */
  readonly client: Client
  /** Kills the process. Pending calls reject with `reason` instead of the signal's error. */
  kill(reason: LoomError): void
  /** Resolves when the process has ended and all its output is read. */
  readonly ended: Promise<void>
}

export interface EngineChildListener {
  /** Called for each message. */
  heard(): void
  /** Called for output on stdout or stderr. */
  log(text: string): void
}

/** Starts an engine process. The end of its output is kept to explain a crash. */
export function startEngine(program: EngineProgram, { heard, log }: EngineChildListener): EngineChild {
  const oomKillsBefore = oomKillCount()
  const child = spawn(
    process.execPath,
    [fileURLToPath(programModules.engineProcess), program.module, JSON.stringify(program.options)],
    {
      env: program.environment,
      stdio: ['pipe', 'pipe', 'pipe', 'overlapped'],
      windowsHide: true,
    },
  )
  // it only has to be open; that the process closes it says nothing
  child.stdin?.on('error', () => {})
  const tail = createLogTail()
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      tail.append(text)
      log(text)
    })
  }

  let reason: LoomError | undefined
  let killTimer: NodeJS.Timeout | undefined
  function kill(why: LoomError): void {
    reason ??= why
    child.kill('SIGKILL')
  }

  let transportClosed = (_reason: LoomError) => {}
  const ended = new Promise<void>((resolve) => {
    const end = (why: LoomError) => {
      clearTimeout(killTimer)
      transportClosed(reason ?? why)
      resolve()
    }
    child.once('error', (cause) => {
      if (child.pid === undefined)
        end(new LoomError('engine', `The engine process did not start: ${cause.message}`, { cause }))
    })
    child.once('close', (code, signal) => {
      const oomKills = oomKillCount() - oomKillsBefore
      end(withLastWords(describeExit({ code, signal, log: tail.text(), oomKills }), tail.lastLine()))
    })
  })

  const pipe = pipeTransport(channelOf(child))
  const transport: Transport = {
    send: pipe.send,
    listen(listener) {
      transportClosed = listener.close
      pipe.listen({
        message(message) {
          heard()
          listener.message(message)
        },
        close(why) {
          // an ending process closes its pipe first; its exit status says more
          if (why.cause === undefined) killTimer ??= setTimeout(() => kill(why), endGrace)
          else kill(why)
        },
      })
    },
    // the process ends itself when its pipe closes
    close: pipe.close,
  }

  return { client: createClient(transport), kill, ended }
}

function channelOf(child: ChildProcess): Duplex {
  const channel = child.stdio[pipeDescriptor]
  if (channel instanceof Duplex) return channel
  // if the process did not start there is no pipe; the `error` event says why
  return new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
}

function withLastWords(error: LoomError, line: string): LoomError {
  if (line === '' || error.code === 'memory') return error
  return new LoomError(error.code, `${error.message} The last that it printed: ${line}`, { hint: error.hint })
}
