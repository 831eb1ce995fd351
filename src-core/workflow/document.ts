import { z } from 'zod'
import { documentVersion } from './document-version.ts'
import type { Json } from './json.ts'

/** 64 MiB of text and 50,000 nodes: far above what a person draws, far below what a machine chokes on. */
export const maxDocumentBytes = 64 * 2 ** 20
export const maxNodes = 50_000

/** Ids of nodes and subgraphs. */
const id = /^[a-z0-9-]{1,200}$/
const anyName = /(?:)/

/** A record with any names, including `__proto__`, which `z.record` does not check. */
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
  /** Points of the line on the canvas, from the output on. */
  via: z.array(size).optional(),
})

/** A reference to an input of the subgraph that contains the node. */
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
  /** Only the title is shown. */
  collapsed: z.boolean().optional(),
  inputs: recordOf(value),
  /** The editor's change of a seed after each run. */
  after: recordOf(z.enum(seedControls)).optional(),
})

const frame = z.object({ title: z.string(), at: size, size })
/** A note. Without `size` it is as large as its text. */
const note = z.object({ text: z.string(), at: size, size: size.optional() })

/** A node definition made of nodes. A node of type `subgraph:<id>` is an instance of it. */
const subgraph = z.object({
  name: z.string().optional(),
  description: z.string().optional(),
  /** Inputs of the instances, in display order. `default` applies if an instance sets no value. */
  inputs: recordOf(z.object({ label: z.string().optional(), default: z.union([constant, wrapped]).optional() })),
  outputs: recordOf(z.object({ label: z.string().optional(), link: port })),
  nodes: recordOf(node, id),
  frames: z.array(frame).optional(),
  notes: z.array(note).optional(),
})

const file = z.object({ sha256: z.string().optional(), size: z.number().optional(), url: z.string().optional() })

/**
 * The shape of a document. Only for checking: the program keeps the checked document itself, so unknown keys survive.
 */
export const workflowSchema = z.object({
  format: z.literal('latent-loom'),
  version: z.literal(documentVersion),
  name: z.string().optional(),
  nodes: recordOf(node, id),
  frames: z.array(frame).optional(),
  notes: z.array(note).optional(),
  /** Inputs by their names in the form and in `--set`. */
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

/** Whether an input gets its value from a link or from an input of its subgraph. */
export const isFed = (input: InputValue | undefined): input is Link | Outer =>
  input !== undefined && (isLink(input) || isOuter(input))

/** The constant of an input, unwrapped. */
export const constantOf = (input: Exclude<InputValue, Link | Outer>): Json => (isObject(input) ? input.const : input)

function isObject<T>(value: T): value is Exclude<Extract<T, object>, readonly unknown[]> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A record's own entry. Safe for names from files, such as `constructor`. */
export function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}
