import { z } from 'zod'
import { device, errorData, precision, runEvent } from './messages.ts'

/** Jobs of the server's queue, and the messages about them on its WebSocket. */

/** A picture that the server stores. Its bytes, thumbnail and workflow are fetched by id. */
export const picture = z.object({
  id: z.string(),
  /** Id, in the document, of the node that made it. */
  node: z.string(),
  width: z.number().int(),
  height: z.number().int(),
  seed: z.string().optional(),
  /** File name to display. */
  name: z.string(),
  /** Milliseconds since 1970. */
  made: z.number(),
  /** Not kept in the history: a live picture, or the output of an intermediate node. */
  passing: z.boolean(),
  /** It was deleted, or it passed. It has no bytes until it is brought back. */
  gone: z.boolean().optional(),
})
export type Picture = z.infer<typeof picture>

/** Progress of a running job. Nodes are ids of the document. */
const jobProgress = z.object({
  phase: z.enum(['load', 'encode', 'sample', 'decode', 'save']),
  label: z.string(),
  node: z.string().optional(),
  step: z.number().int().optional(),
  steps: z.number().int().optional(),
  /** Of the whole job, 0 to 1; never decreases. */
  fraction: z.number(),
  /** Estimated milliseconds, from earlier jobs; absent without an estimate. */
  remaining: z.number().optional(),
})
export type JobProgress = z.infer<typeof jobProgress>

/** What a run draws, for the queue panel. */
const aboutRun = z.object({ prompt: z.string().max(1000).optional(), seed: z.string().max(40).optional() })

/** A seed of a document, as a run uses it. Both values are decimal texts. */
const jobSeed = z.strictObject({
  /** The subgraph that it is in; absent: the workflow itself. */
  level: z.string().optional(),
  node: z.string(),
  input: z.string(),
  /** What the document had when the run was sent. */
  before: z.string(),
  /** What the run draws with. */
  seed: z.string(),
})
export type JobSeed = z.infer<typeof jobSeed>

const jobStates = ['waiting', 'running', 'done', 'failed', 'cancelled'] as const

export const job = z.object({
  id: z.string(),
  /** The client's key of the document. It assigns the events of a job to a tab. */
  document: z.string(),
  /** Name of the workflow, for the queue panel. */
  name: z.string(),
  about: aboutRun.optional(),
  state: z.enum(jobStates),
  /** A live job replaces its document's waiting and running jobs, and is not kept in the history. */
  live: z.boolean(),
  submitted: z.number(),
  started: z.number().optional(),
  finished: z.number().optional(),
  progress: jobProgress.optional(),
  pictures: z.array(picture),
  /** As the client sent them. They tell it which seeds the document has to show. Absent: a run of some nodes alone. */
  seeds: z.array(jobSeed).optional(),
  error: errorData.optional(),
  /** Steps of the plan, how many of them were cached, and how many sessions were created. */
  result: z
    .object({ steps: z.number().int(), reused: z.number().int(), sessions: z.number().int(), milliseconds: z.number() })
    .optional(),
})
export type Job = z.infer<typeof job>

export const jobRequest = z.strictObject({
  document: z.string().max(200),
  name: z.string().max(1000),
  about: aboutRun.optional(),
  /** Id of the saved document: relative file names start from its folder. */
  file: z.string().max(200).optional(),
  /** The workflow's JSON text. */
  workflow: z.string(),
  /** Runs only these nodes and their dependencies, and shows their results. Absent: runs every effect. */
  targets: z.array(z.string()).min(1).max(1000).optional(),
  /** Kept with the job for the client. The workflow holds these seeds already. */
  seeds: z.array(jobSeed).max(1000).optional(),
  live: z.boolean().default(false),
  /** Puts the job before all waiting jobs. */
  first: z.boolean().default(false),
  device: device.default('auto'),
  precision: precision.default('auto'),
  /** Asks for previews during sampling. */
  previews: z.boolean().default(true),
  /** Decodes previews with a TAESD of the model folders. */
  decodedPreviews: z.boolean().default(false),
})
export type JobRequest = z.input<typeof jobRequest>

/** Text messages of the server's WebSocket. Previews are binary frames (`preview-frame.ts`). */
export const serverMessage = z.discriminatedUnion('type', [
  /** The whole state. It is the first message, so that a client that reconnects is up to date. */
  z.object({
    type: z.literal('hello'),
    version: z.string(),
    /** Another value after each start of the server. What an earlier one did not store is lost. */
    server: z.string(),
    jobs: z.array(job),
    order: z.array(z.string()),
  }),
  /** The present state of a job. An unknown id is a new job. */
  z.object({ type: z.literal('job'), job }),
  /** Ids of the waiting jobs, in the order in which they will run. */
  z.object({ type: z.literal('order'), order: z.array(z.string()) }),
  z.object({ type: z.literal('forgotten'), jobs: z.array(z.string()) }),
  /** An event of a job, except previews. */
  z.object({ type: z.literal('event'), job: z.string(), event: runEvent }),
  z.object({ type: z.literal('models') }),
  /** A document was saved. */
  z.object({ type: z.literal('document'), id: z.string(), revision: z.string() }),
  /** A page has saved the draft of a tab, or deleted it (null). So it has the tab open, or has closed it. */
  z.object({
    type: z.literal('draft'),
    tab: z.string(),
    page: z.string(),
    /** Id of the tab's saved document. */
    file: z.string().optional(),
    revision: z.string().nullable(),
  }),
  /** The picture of this id is gone (null), or is there again, perhaps under another id. */
  z.object({ type: z.literal('picture'), id: z.string(), picture: picture.nullable() }),
])
export type ServerMessage = z.infer<typeof serverMessage>
export type DraftMessage = Extract<ServerMessage, { readonly type: 'draft' }>
