import { z } from 'zod'
import { job, jobRequest, picture } from './jobs.ts'
import { errorData, results } from './messages.ts'

/**
 * The server's REST interface: the body and the result of each route. Both sides parse with these schemas. Ids are
 * opaque: no client ever names a path on the server's disk. An error is answered as `{ error }` with a status of 4xx
 * or 5xx.
 */

const fileKind = z.enum(['checkpoint', 'unet', 'text-encoder', 'vae', 'lora', 'image'])

/** Facts about a file, see src-core/types/facts.ts. */
const knowledge = z.custom<import('#core/types/facts.ts').FileKnowledge>(
  (value) => typeof value === 'object' && value !== null,
)

/** The use of a model file. No node takes files of kind `other`. */
export const modelKind = z.enum(['checkpoint', 'unet', 'text-encoder', 'vae', 'lora', 'embedding', 'other'])
export type ModelKind = z.infer<typeof modelKind>

const modelFile = z.object({
  id: z.string(),
  /** Its name in documents: the path relative to its model folder, with forward slashes. */
  name: z.string(),
  /** Name of its model folder. */
  folder: z.string(),
  kind: modelKind,
  /** A description to display: "Stable Diffusion 1.x checkpoint", or the reason why it cannot be used. */
  summary: z.string(),
  family: z.string().optional(),
  /** The variant of its family, if known. */
  variant: z.string().optional(),
  /** Why it cannot be used. */
  error: z.string().optional(),
  bytes: z.number(),
  /** Milliseconds since 1970. */
  modified: z.number(),
  /** There is a picture of the same name beside the file. */
  hasPicture: z.boolean(),
})
export type ModelFile = z.infer<typeof modelFile>

const documentInfo = z.object({
  id: z.string(),
  /** File name without its ending. */
  name: z.string(),
  /** The name of its folder, to display. */
  place: z.string(),
  modified: z.number(),
})
export type DocumentInfo = z.infer<typeof documentInfo>

/** A package that the CUDA device needs. */
const cudaWheel = z.object({
  project: z.string(),
  version: z.string(),
  bytes: z.number(),
  sha256: z.string(),
  licence: z.object({ name: z.string(), url: z.string() }),
  isThere: z.boolean(),
})

/** What the CUDA device needs on the server's machine, and how far fetching it is. */
const cudaSetup = z.object({
  /** The version of CUDA; absent if there is none for this machine. */
  cuda: z.string().optional(),
  /** Why there is none, as a sentence. */
  none: z.string().optional(),
  wheels: z.array(cudaWheel),
  /** Bytes still to be downloaded. */
  missing: z.number(),
  /** Bytes of the drive that fetching takes at most. */
  space: z.number(),
  isReady: z.boolean(),
  /** Absent while nothing is fetched. */
  progress: z.object({ file: z.string(), arrived: z.number(), total: z.number() }).optional(),
  /** Why the last try ended. */
  error: errorData.optional(),
})

/** A document on disk. `revision` changes with the file's bytes. */
const documentContent = documentInfo.extend({ text: z.string(), revision: z.string() })
export type DocumentContent = z.infer<typeof documentContent>

/** Unsaved work of one tab. It is stored apart from the saved file and never overwrites it. */
export const draft = z.strictObject({
  /** The tab's key. */
  id: z.string().max(200),
  title: z.string().max(1000),
  text: z.string(),
  /** The tab's file and its revision when it was last opened or saved. */
  file: z.strictObject({ id: z.string(), revision: z.string() }).optional(),
  /** Whether the text differs from the file. */
  unsaved: z.boolean(),
  /** Index among the tabs. */
  position: z.number().int(),
  /** When the last run was sent whose seeds the text has, in milliseconds since 1970; absent: none. */
  shown: z.number().optional(),
  /** The page that saved it; another one after each load. */
  page: z.string().max(100).optional(),
})
export type TabDraft = z.infer<typeof draft>

/** A draft as it is stored. `revision` changes with its text. */
const storedDraft = draft.extend({ revision: z.string() })
export type StoredDraft = z.infer<typeof storedDraft>

const template = z.object({
  id: z.string(),
  /** Title of the group that it is listed in. */
  group: z.string(),
  title: z.string(),
  description: z.string(),
  text: z.string(),
  /** URL of its picture. */
  picture: z.string().optional(),
})
export type Template = z.infer<typeof template>

const nothing = z.strictObject({})
const done = z.object({})

interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** `:id` is the placeholder for an id. */
  readonly path: string
  readonly body: z.ZodType
  readonly result: z.ZodType
}

export const routes = {
  listJobs: {
    method: 'GET',
    path: '/api/jobs',
    body: nothing,
    result: z.object({ jobs: z.array(job), order: z.array(z.string()) }),
  },
  submitJob: { method: 'POST', path: '/api/jobs', body: jobRequest, result: job },
  /** Cancels a waiting or running job. A finished job does not change. */
  cancelJob: { method: 'POST', path: '/api/jobs/:id/cancel', body: nothing, result: done },
  /** `before`: id of a waiting job, or null for the end. */
  moveJob: {
    method: 'POST',
    path: '/api/jobs/:id/move',
    body: z.strictObject({ before: z.string().nullable() }),
    result: done,
  },
  /** Ends the running job, or the engine process itself if it does not stop between steps. */
  interrupt: {
    method: 'POST',
    path: '/api/interrupt',
    body: z.strictObject({ force: z.boolean().default(false) }),
    result: done,
  },
  clearJobs: { method: 'DELETE', path: '/api/jobs', body: nothing, result: done },
  /** Cancels every waiting job. */
  cancelWaiting: { method: 'DELETE', path: '/api/jobs/waiting', body: nothing, result: done },

  listDocuments: {
    method: 'GET',
    path: '/api/documents',
    body: nothing,
    result: z.object({ documents: z.array(documentInfo), recent: z.array(z.string()) }),
  },
  openDocument: { method: 'GET', path: '/api/documents/:id', body: nothing, result: documentContent },
  /** Saves under a new name in the documents folder. 409 if it is taken and `replace` is not set. */
  createDocument: {
    method: 'POST',
    path: '/api/documents',
    body: z.strictObject({ name: z.string().min(1).max(200), text: z.string(), replace: z.boolean().default(false) }),
    result: documentContent,
  },
  /** 409 with the code `conflict` if the file's revision has changed; null overwrites any revision. */
  saveDocument: {
    method: 'PUT',
    path: '/api/documents/:id',
    body: z.strictObject({ text: z.string(), revision: z.string().nullable() }),
    result: documentContent,
  },
  deleteDocument: { method: 'DELETE', path: '/api/documents/:id', body: nothing, result: done },

  listDrafts: { method: 'GET', path: '/api/drafts', body: nothing, result: z.object({ drafts: z.array(storedDraft) }) },
  /**
   * `base`: the revision that the draft continues, or null for a new one. If another page has saved another text since,
   * the answer is `conflict`.
   */
  saveDraft: {
    method: 'PUT',
    path: '/api/drafts/:id',
    body: draft.extend({ base: z.string().nullable() }),
    result: z.object({ revision: z.string() }),
  },
  /** With a `base` as in `saveDraft`; absent: whatever is there. */
  deleteDraft: {
    method: 'DELETE',
    path: '/api/drafts/:id',
    body: z.strictObject({ base: z.string().optional(), page: z.string().optional() }),
    result: done,
  },

  listTemplates: {
    method: 'GET',
    path: '/api/templates',
    body: nothing,
    result: z.object({ templates: z.array(template) }),
  },

  listModels: {
    method: 'GET',
    path: '/api/models',
    body: nothing,
    result: z.object({
      files: z.array(modelFile),
      /** `silent`: a folder or link in it, by its path from there, whose drive does not answer; '' for the folder itself. */
      folders: z.array(z.object({ name: z.string(), silent: z.string().optional() })),
    }),
  },
  /** Reads the model folders again. */
  refreshModels: { method: 'POST', path: '/api/models/refresh', body: nothing, result: done },
  /** The result of `latent-loom inspect` for a model file. */
  inspectModel: { method: 'GET', path: '/api/models/:id', body: nothing, result: z.record(z.string(), z.unknown()) },
  /** The facts about files that validation and inference need. `document` is the id of the saved document. */
  facts: {
    method: 'POST',
    path: '/api/facts',
    body: z.strictObject({
      document: z.string().optional(),
      files: z.array(z.strictObject({ name: z.string().max(4096), kind: fileKind })).max(10_000),
    }),
    result: z.object({ files: z.array(z.object({ name: z.string(), kind: fileKind, knowledge })) }),
  },
  /** Problems that a run would meet, also those that only the files reveal. */
  validate: {
    method: 'POST',
    path: '/api/validate',
    body: z.strictObject({ document: z.string().optional(), workflow: z.string() }),
    result: z.object({ problems: z.array(errorData) }),
  },
  /** Start and end of each token in the text, in characters, so that a field can count and colour them. */
  tokens: {
    method: 'POST',
    path: '/api/tokens',
    body: z.strictObject({ text: z.string().max(100_000) }),
    result: z.object({ tokens: z.number().int(), chunks: z.number().int() }),
  },

  listPictures: {
    method: 'GET',
    path: '/api/pictures',
    body: nothing,
    result: z.object({ pictures: z.array(picture) }),
  },
  /** Moves the picture into the bin of its folder, which empties itself after 30 days and holds 1 GB. */
  deletePicture: { method: 'DELETE', path: '/api/pictures/:id', body: nothing, result: done },
  /** Brings a deleted picture back. It has another id if its name was taken meanwhile. */
  restorePicture: { method: 'POST', path: '/api/pictures/:id/restore', body: nothing, result: picture },

  /** An address that lets a browser in once, for another start of the program on the same data. */
  makeTicket: { method: 'POST', path: '/api/ticket', body: nothing, result: z.object({ url: z.string() }) },

  /** What `latent-loom doctor` prints, without the places of folders: to be shown to somebody who helps. */
  diagnose: { method: 'GET', path: '/api/diagnostics', body: nothing, result: z.object({ text: z.string() }) },
  listDevices: {
    method: 'GET',
    path: '/api/devices',
    body: nothing,
    result: results.devices,
  },

  cudaSetup: { method: 'GET', path: '/api/setup/cuda', body: nothing, result: cudaSetup },
  /** Begins to fetch what is missing, or goes on; who calls accepts the licences. `cudaSetup` tells how far it is. */
  fetchCuda: { method: 'POST', path: '/api/setup/cuda', body: nothing, result: done },
  /** Stops fetching. What has arrived stays. */
  stopCuda: { method: 'POST', path: '/api/setup/cuda/stop', body: nothing, result: done },
  /** Removes what was fetched. */
  removeCuda: { method: 'DELETE', path: '/api/setup/cuda', body: nothing, result: done },
} as const satisfies Record<string, Route>

export type RouteName = keyof typeof routes
export type RouteBody<R extends RouteName> = z.input<(typeof routes)[R]['body']>
export type ParsedBody<R extends RouteName> = z.output<(typeof routes)[R]['body']>
export type RouteResult<R extends RouteName> = z.output<(typeof routes)[R]['result']>

type ResultSchemas = { readonly [R in RouteName]: (typeof routes)[R]['result'] }
type BodySchemas = { readonly [R in RouteName]: (typeof routes)[R]['body'] }

/** The result and body schemas by route, so that a generic caller keeps their types. */
export const routeResults = Object.fromEntries(
  Object.entries(routes).map(([name, { result }]) => [name, result]),
) as ResultSchemas
export const routeBodies = Object.fromEntries(
  Object.entries(routes).map(([name, { body }]) => [name, body]),
) as BodySchemas

/** The body of an error answer. */
export const routeError = z.object({ error: errorData })

/** Routes that answer with bytes, each with its own content type. */
export const byteRoutes = {
  /** The PNG as saved, with the workflow in it. */
  picture: (id: string) => `/api/pictures/${encodeURIComponent(id)}/file`,
  /** WebP whose longer side has at most 256 pixels. */
  thumbnail: (id: string) => `/api/pictures/${encodeURIComponent(id)}/thumbnail`,
  modelPicture: (id: string) => `/api/models/${encodeURIComponent(id)}/picture`,
  templatePicture: (id: string) => `/api/templates/${encodeURIComponent(id)}/picture`,
  /** POST a PNG, JPEG or WebP; the answer is an `asset`. GET `:name` returns the picture. */
  assets: '/api/assets',
  asset: (name: string) => `/api/assets/${encodeURIComponent(name)}`,
  /** The WebSocket. */
  events: '/api/events',
} as const

/** An input picture stored by the server. Its name, also in documents, is the SHA-256 of its bytes. */
export const asset = z.object({ name: z.string(), width: z.number().int(), height: z.number().int() })
export type Asset = z.infer<typeof asset>
