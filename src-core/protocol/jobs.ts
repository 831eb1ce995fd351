import { z } from 'zod'
import { device, errorData, runEvent } from './messages.ts'

/** Jobs of the server's queue, and what its WebSocket says of them. */

/** A picture that the server keeps; its bytes, thumbnail and workflow are asked for by id. */
export const picture = z.object({
  id: z.string(),
  /** The node that made it, as the document names it. */
  node: z.string(),
  width: z.number().int(),
  height: z.number().int(),
  seed: z.string().optional(),
  /** File name, for a person. */
  name: z.string(),
  /** Milliseconds since 1970. */
  made: z.number(),
  /** Made for the eye only and soon forgotten: a live picture, or what a node in the middle gives. */
  passing: z.boolean(),
})
export type Picture = z.infer<typeof picture>

/** How far a running job is; nodes are ids of the document. */
const jobProgress = z.object({
  phase: z.enum(['load', 'encode', 'sample', 'decode', 'save']),
  label: z.string(),
  node: z.string().optional(),
  step: z.number().int().optional(),
  steps: z.number().int().optional(),
  /** Of the whole job, 0 to 1; never falls. */
  fraction: z.number(),
  /** Milliseconds, learned from earlier jobs; absent while nothing is known. */
  remaining: z.number().optional(),
})
export type JobProgress = z.infer<typeof jobProgress>

const jobStates = ['waiting', 'running', 'done', 'failed', 'cancelled'] as const

export const job = z.object({
  id: z.string(),
  /** The client's key of the document that it runs; events of a job find their tab by it. */
  document: z.string(),
  /** Name of the workflow, for the queue panel. */
  name: z.string(),
  state: z.enum(jobStates),
  /** A live job replaces those of its document that wait or run, and is not kept in the history. */
  live: z.boolean(),
  submitted: z.number(),
  started: z.number().optional(),
  finished: z.number().optional(),
  progress: jobProgress.optional(),
  pictures: z.array(picture),
  error: errorData.optional(),
  /** Steps of the plan, how many were already there, and how many sessions were created. */
  result: z
    .object({ steps: z.number().int(), reused: z.number().int(), sessions: z.number().int(), milliseconds: z.number() })
    .optional(),
})
export type Job = z.infer<typeof job>

export const jobRequest = z.strictObject({
  document: z.string().max(200),
  name: z.string().max(1000),
  /** Id of the saved document: relative file names start from its folder. */
  file: z.string().max(200).optional(),
  /** The workflow's JSON text. */
  workflow: z.string(),
  /** Only these nodes and what they need; their results are shown. Left out: every effect. */
  targets: z.array(z.string()).min(1).max(1000).optional(),
  live: z.boolean().default(false),
  /** Before all that waits. */
  first: z.boolean().default(false),
  device: device.default('auto'),
  /** Whether previews are wanted while a picture is made. */
  previews: z.boolean().default(true),
  /** Has previews decoded by a TAESD of the model folders. */
  decodedPreviews: z.boolean().default(false),
})
export type JobRequest = z.input<typeof jobRequest>

/** What the server tells over the WebSocket as text; previews come as binary frames (`preview-frame.ts`). */
export const serverMessage = z.discriminatedUnion('type', [
  /** The whole state: first after connecting, so that a client that was away knows everything again. */
  z.object({ type: z.literal('hello'), version: z.string(), jobs: z.array(job), order: z.array(z.string()) }),
  /** A job as it is now; a new id is a new job. */
  z.object({ type: z.literal('job'), job }),
  /** Ids of waiting jobs, the next first. */
  z.object({ type: z.literal('order'), order: z.array(z.string()) }),
  z.object({ type: z.literal('forgotten'), jobs: z.array(z.string()) }),
  /** An event of a job, previews aside. */
  z.object({ type: z.literal('event'), job: z.string(), event: runEvent }),
  z.object({ type: z.literal('models') }),
])
export type ServerMessage = z.infer<typeof serverMessage>
