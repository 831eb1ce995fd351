import { randomUUID } from 'node:crypto'
import { inTime } from '#core/in-time.ts'
import { toErrorData } from '#core/protocol/error-data.ts'
import { engineEnvironment } from '../host/environment.ts'
import { cacheFolder, cudaFolder, preparedFolder } from '../host/paths.ts'
import { superviseEngine } from '../host/supervisor.ts'
import { programFolder, programVersion } from '../program.ts'
import { CudaSetup } from '../setup/cuda-setup.ts'
import { createAccess, keptToken } from './access.ts'
import { createApp } from './app.ts'
import { createCudaRoutes } from './cuda.ts'
import { type DataFolder, takeDataFolder } from './data-folder.ts'
import { examine, reportLines } from './diagnostics.ts'
import { createEvents } from './events.ts'
import { addressesOf, nameOf } from './guard.ts'
import type { Handlers } from './handlers.ts'
import { threadedReader } from './library/header-reader.ts'
import { createLibrary } from './library/library.ts'
import type { Library, LibraryOptions } from './library/types.ts'
import { listen } from './listen.ts'
import { removeOldFolders } from './old-folders.ts'
import { pathNames, toClients } from './path-names.ts'
import { createMemoryQueue } from './queue/memory-queue.ts'
import type { JobQueue } from './queue/queue.ts'
import { registerRoutes } from './rest.ts'
import { type RestartableEngine, restartableEngine } from './restartable-engine.ts'
import { jobRunner } from './run-job.ts'
import { serveEditor } from './static.ts'

export interface ServerOptions extends Omit<LibraryOptions, 'engine'> {
  /** File URL of the module that exports `createEngine`. */
  readonly engineModule: string
  /** Absent: this machine alone. */
  readonly host?: string | undefined
  /** 0: any free port; absent: that of the last server of the data folder, else the default port, or one of the next. */
  readonly port?: number | undefined
  /** Whether it is the desktop window's. */
  readonly inWindow?: boolean
  /** Origins of proxies in front of it, as `originOf` gives them. */
  readonly origins?: readonly string[]
  /** Receives what the engine process prints. */
  readonly log?: (text: string) => void
  /** Folder of the built editor. */
  readonly editorFolder: string
}

export interface Server {
  /** `http://127.0.0.1:7467`, for example. */
  readonly origin: string
  /** The token for `Authorization: Bearer`. */
  readonly token: string
  /** Address with the token, for a browser. @param document id of a document to open */
  url(document?: string): string
  /** As `url`, at each proxy. */
  proxyUrls(document?: string): string[]
  /** As `url`, but valid for one use, to start a browser with. */
  ticketUrl(document?: string): string
  readonly library: Pick<Library, 'addDocument' | 'locate'>
  /** Ends the engine process and every connection. */
  close(): Promise<void>
}

/**
 * Starts the server of the editor: its page, documents, models, pictures and one queue on one engine process.
 * @throws DataFolderInUse; LoomError `not-found` if the editor is not built, `io` if the port is taken
 */
export async function createServer(options: ServerOptions): Promise<Server> {
  const data = await takeDataFolder(options.dataFolder, options)
  try {
    return await startServer(options, data)
  } catch (error) {
    data.release()
    throw error
  }
}

async function startServer(options: ServerOptions, data: DataFolder): Promise<Server> {
  const { engineModule, host, port, origins = [], log, editorFolder, ...folders } = options
  const access = createAccess(await keptToken(folders.dataFolder))
  void removeOldFolders()
  const names = pathNames([
    ...folders.modelFolders,
    folders.dataFolder,
    ...[folders.outputFolder, folders.documentsFolder].filter((folder) => folder !== undefined),
    programFolder,
    cacheFolder,
  ])
  const told = toClients(names)
  const served = await createApp(access, addressesOf(host, origins), told)
  const { app } = served
  await serveEditor(app, editorFolder)
  const engine = restartableEngine(() =>
    superviseEngine({
      module: engineModule,
      options: { models: folders.modelFolders, cacheFolder, preparedFolder: preparedFolder() },
      environment: engineEnvironment(),
      ...(log && { log }),
    }),
  )
  const headers = threadedReader()
  const library = await createLibrary({ ...folders, engine, headers })
  const events = createEvents(told)
  const queue = createMemoryQueue(jobRunner(engine, library), events)
  const cuda = createCudaRoutes(new CudaSetup(cudaFolder), () => {
    // a job that is running is worth more
    if (!queue.state().jobs.some(({ state }) => state === 'running')) engine.restart()
  })
  library.onModels(() => events.tell({ type: 'models' }))
  library.onDraft(events.tell)
  library.onDocument((id, revision) => events.tell({ type: 'document', id, revision }))
  library.onPicture((id, picture) => {
    queue.changePicture(id, picture)
    events.tell({ type: 'picture', id, picture: picture ?? null })
  })

  async function close(): Promise<void> {
    engine.kill()
    cuda.stop()
    // first, so that pages see the jobs as lost and not as cancelled
    events.close()
    await soon(queue.close())
    twin?.close()
    await soon(app.close())
    await soon(library.close())
    headers.close()
    await soon(engine.close())
    data.release()
  }

  let twin: { close(): void } | undefined
  try {
    const id = randomUUID()
    events.register(app, () => ({ type: 'hello', version: programVersion, server: id, ...queue.state() }))
    let origin = ''
    const urlWith = (token: string, document?: string, at = origin) =>
      `${at}/?token=${token}${document === undefined ? '' : `&open=${encodeURIComponent(document)}`}`
    registerRoutes(
      app,
      {
        ...library.handlers,
        ...queueHandlers(queue, engine),
        ...cuda.handlers,
        makeTicket: async () => ({ url: urlWith(access.ticket()) }),
        async diagnose() {
          const { report, error } = await examine(folders.modelFolders, engine.devices)
          const failure = error === undefined ? [] : [names(toErrorData(error).message)]
          return { text: [...reportLines(report, names), ...failure].join('\n') }
        },
      },
      told,
    )
    library.registerBytes(app)
    const listening = await listen(served, host, { port, lastPort: data.lastPort })
    twin = listening.twin
    origin = `http://${nameOf(host)}:${listening.port}`
    await data.announce(origin)
    return {
      origin,
      token: access.token,
      url: (document) => urlWith(access.token, document),
      proxyUrls: (document) => origins.map((at) => urlWith(access.token, document, at)),
      ticketUrl: (document) => urlWith(access.ticket(), document),
      library,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** Milliseconds that each part may take to end, so that all end within 10 s. */
const endLimit = 2_000

/** Waits for the end of a part, which a lost drive may hold up. */
const soon = (end: Promise<void>): Promise<void> => inTime(end, endLimit, () => {})

type QueueRoute =
  | 'listJobs'
  | 'submitJob'
  | 'cancelJob'
  | 'moveJob'
  | 'interrupt'
  | 'clearJobs'
  | 'cancelWaiting'
  | 'listDevices'

function queueHandlers(queue: JobQueue, engine: RestartableEngine): Handlers<QueueRoute> {
  const done = {}
  return {
    listJobs: async () => queue.state(),
    submitJob: ({ body }) => queue.submit(body),
    async cancelJob({ id }) {
      await queue.cancel(id)
      return done
    },
    async moveJob({ id, body }) {
      await queue.move(id, body.before)
      return done
    },
    async interrupt({ body }) {
      await queue.interrupt()
      if (body.force) engine.restart()
      return done
    },
    async clearJobs() {
      await queue.clear()
      return done
    },
    async cancelWaiting() {
      await queue.cancelWaiting()
      return done
    },
    listDevices: () => engine.devices(),
  }
}
