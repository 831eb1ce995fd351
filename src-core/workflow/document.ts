import { z } from 'zod'
import { documentVersion } from './document-version.ts'
import type { Json } from './json.ts'

/** 64 MiB of text and 50,000 nodes: far above what a person draws, far below what a machine chokes on. */
export const maxDocumentBytes = 64 * 2 ** 20
export const maxNodes = 50_000

/** Ids of nodes and subgraphs. */
const id = /^[a-z0-9-]{1,200}$/
const anyName = /(?:)/

/** A record under any names, `__proto__` included, which `z.record` passes over without a look. */
const recordOf = <V extends z.ZodType>(value: V, names: RegExp = anyName) =>
  z
    .custom<Record<string, z.output<V>>>(isObject, { error: 'has to be an object', abort: true })
    .superRefine((record, context) => {
      for (const [name, entry] of Object.entries(record)) {
        if (!names.test(name)) {
          const message = 'has to be named by lower-case letters, digits and dashes'
          context.addIssue({ code: 'custom', path: [name], message })
        }
        for (const { message, path } of value.safeParse(entry).error?.issues ?? []) {
          context.addIssue({ code: 'custom', path: [name, ...path], message })
        }
      }
    })

const json = z.custom<Json>((value) => value !== undefined)
const size = z.tuple([z.number(), z.number()], { error: 'has to be two numbers' })
const port = z.tuple([z.string(), z.string()], { error: 'has to be [node, name]' })
const link = z.object({
  link: port,
  /** Points that the line runs through on the canvas, from the output on. */
  via: z.array(size).optional(),
})

/** The input of the subgraph that the node is in. */
const outer = z.object({ input: z.string() })
const wrapped = z.object({ const: json })
const constant = z.union([z.null(), z.boolean(), z.number(), z.string(), z.array(json)])
const value = z.union([constant, link, outer, wrapped], {
  error: 'has to be a constant, {"link": [node, output]}, {"input": name} or {"const": value}',
})

const nodeStates = ['on', 'mute', 'bypass'] as const
const seedControls = ['fixed', 'random', 'increment', 'decrement'] as const

const node = z.object({
  type: z.string(),
  version: z.number().int().min(1),
  /** Upper left corner on the canvas. */
  at: size,
  title: z.string().optional(),
  state: z.enum(nodeStates).optional(),
  /** Shown as its title alone. */
  collapsed: z.boolean().optional(),
  inputs: recordOf(value),
  /** What becomes of a seed after each run in the editor. */
  after: recordOf(z.enum(seedControls)).optional(),
})

const frame = z.object({ title: z.string(), at: size, size })
/** A note without a size is as large as its text. */
const note = z.object({ text: z.string(), at: size, size: size.optional() })

/** A node definition made of nodes; a node of type `subgraph:<id>` is an instance. */
const subgraph = z.object({
  name: z.string().optional(),
  description: z.string().optional(),
  /** What instances may set, in the order shown; `default` holds where an instance sets nothing. */
  inputs: recordOf(z.object({ label: z.string().optional(), default: z.union([constant, wrapped]).optional() })),
  outputs: recordOf(z.object({ label: z.string().optional(), link: port })),
  nodes: recordOf(node, id),
  frames: z.array(frame).optional(),
  notes: z.array(note).optional(),
})

const file = z.object({ sha256: z.string().optional(), size: z.number().optional(), url: z.string().optional() })

/**
 * The shape of a document. It only checks: the document that was checked is what is kept, so keys that are not named here
 * survive.
 */
export const workflowSchema = z.object({
  format: z.literal('latent-loom'),
  version: z.literal(documentVersion),
  name: z.string().optional(),
  nodes: recordOf(node, id),
  frames: z.array(frame).optional(),
  notes: z.array(note).optional(),
  /** Inputs by the name that the form and `--set` give them. */
  form: z.array(z.object({ name: z.string().min(1), input: port })).optional(),
  subgraphs: recordOf(subgraph, id).optional(),
  files: recordOf(file).optional(),
})

export const fragmentFormat = 'latent-loom-fragment'

/** A part of a document by itself, as the clipboard carries it. Links from outside of it are kept as they were. */
export const fragmentSchema = workflowSchema
  .pick({ version: true, nodes: true, frames: true, notes: true, subgraphs: true })
  .extend({ format: z.literal(fragmentFormat) })
  .strict()

export type Workflow = z.infer<typeof workflowSchema>
export type WorkflowNode = z.infer<typeof node>
export type InputValue = z.infer<typeof value>
export type Subgraph = z.infer<typeof subgraph>
export type Link = z.infer<typeof link>
type Outer = z.infer<typeof outer>

export const isLink = (input: InputValue): input is Link => isObject(input) && 'link' in input

export const isOuter = (input: InputValue): input is Outer => isObject(input) && 'input' in input

/** Whether an input takes its value from elsewhere: along a link, or from the subgraph that it is in. */
export const isFed = (input: InputValue | undefined): input is Link | Outer =>
  input !== undefined && (isLink(input) || isOuter(input))

/** The constant that an input holds, unwrapped. */
export const constantOf = (input: Exclude<InputValue, Link | Outer>): Json => (isObject(input) ? input.const : input)

function isObject<T>(value: T): value is Exclude<Extract<T, object>, readonly unknown[]> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The entry of a record under a name that may come from a file: `constructor` is a name like any other. */
export function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}
