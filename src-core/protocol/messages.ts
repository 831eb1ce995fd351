import { z } from 'zod'
import { errorCodes } from '#core/errors.ts'

/** What a client may say to the engine process and what it answers; both sides parse every message with these. */

const errorCode = z.enum(Object.keys(errorCodes) as [keyof typeof errorCodes, ...(keyof typeof errorCodes)[]])

const problem = z.object({
  code: errorCode,
  message: z.string(),
  node: z.string().optional(),
  input: z.string().optional(),
  hint: z.string().optional(),
  /** For `--verbose` alone. */
  stack: z.string().optional(),
})

/** A `LoomError` on the wire. */
export const errorData = problem.extend({
  /** Every problem of an `invalid` workflow. */
  problems: z.array(problem).optional(),
})
export type ErrorData = z.infer<typeof errorData>

/** `--set`: a name of the form, or `node.input`, with the value as text. */
const override = z.object({ name: z.string(), value: z.string() })

/** A workflow as its author saved it, with what the caller changes of it. */
const source = z.object({
  /** The document's JSON text. */
  document: z.string(),
  /** Folders that relative file names start from, the document's own first; then the model folders follow. */
  folders: z.array(z.string()),
  /** Names lead nowhere but below `folders` and the model folders: the document came from a client. */
  confined: z.boolean().optional(),
  overrides: z.array(override),
  /** Sets every seed input; a decimal string. */
  seed: z.string().optional(),
})
export type WorkflowSource = z.infer<typeof source>

export const devices = ['auto', 'cpu', 'cuda', 'dml', 'coreml', 'webgpu'] as const
export const device = z.enum(devices)
export type DeviceChoice = z.infer<typeof device>

/** Stages of the compilation that can be printed: the plan and after its rules, a network as built and after each pass. */
export const dumpStages = ['plan', 'rules', 'build', 'lower', 'peephole'] as const
const dumpStage = z.enum(dumpStages)
export type DumpStage = z.infer<typeof dumpStage>

const strengthMode = z.enum(['auto', 'live', 'folded'])

const runOptions = source.extend({
  outputFolder: z.string(),
  /** Where saved models go; absent: to the output folder. */
  modelFolder: z.string().optional(),
  device,
  /** Asks for `preview` events. */
  previews: z.boolean(),
  /** Has them decoded by a TAESD of the model folders, which takes longer than to colour them. */
  decodedPreviews: z.boolean().optional(),
  /** Verifies the plan and every graph after each pass. */
  verify: z.boolean(),
  /** Asks for `dump` events of this stage. */
  dump: dumpStage.optional(),
  /** Runs only these nodes and what they need, and shows what they give; absent: every effect. */
  targets: z.array(z.string()).optional(),
  /**
   * `live` says that strengths of adapters are being moved, `folded` that they are not to be inputs of the sessions; absent or `auto`:
   * those that changed from run to run are.
   */
  strengths: strengthMode.optional(),
  /** Asks for `explain` events. */
  explain: z.boolean().optional(),
})

export const requests = {
  run: runOptions,
  /** Ends a run between two steps; `run` then answers with the error `cancelled`. */
  cancel: z.object({ run: z.number().int() }),
  validate: source,
  inspect: z.object({ file: z.string(), against: z.string().optional() }),
  devices: z.object({}),
} as const
export type Method = keyof typeof requests
export type Params<M extends Method> = z.infer<(typeof requests)[M]>

const image = z.object({
  path: z.string(),
  node: z.string(),
  /** Asked for by `targets`, not saved by a node of the workflow. */
  shown: z.boolean().optional(),
  width: z.number().int(),
  height: z.number().int(),
  seed: z.string().optional(),
})

/** A model that was saved; clients of the server are told its name alone. */
const savedFile = z.object({ path: z.string(), node: z.string(), bytes: z.number() })

export const deviceReport = z.object({
  name: device,
  available: z.boolean(),
  /** What it is, or what is missing and how to get it. */
  detail: z.string(),
})

export const results = {
  run: z.object({
    images: z.array(image),
    /** Models that were saved; absent: none. */
    files: z.array(savedFile).optional(),
    /** Steps of the plan, and how many of them were already there. */
    steps: z.number().int(),
    reused: z.number().int(),
    /** Sessions that had to be created. */
    sessions: z.number().int(),
    milliseconds: z.number(),
  }),
  cancel: z.object({}),
  validate: z.object({ problems: z.array(errorData), advice: z.array(errorData) }),
  /** The inspection of `engine/models/inspect.ts`, plain data. */
  inspect: z.record(z.string(), z.unknown()),
  devices: z.object({ devices: z.array(deviceReport), versions: z.record(z.string(), z.string()) }),
} as const
export type Result<M extends Method> = z.infer<(typeof results)[M]>

/** What a run is doing; nodes are ids of the document. */
export const runEvent = z.discriminatedUnion('type', [
  /**
   * Before any node's event: the nodes that the run needs, and whether each has steps to run or all that is needed of it is there.
   * A node that changes nothing, such as a LoRA at strength 0, is not needed.
   */
  z.object({ type: z.literal('plan'), nodes: z.array(z.object({ node: z.string(), reused: z.boolean() })) }),
  /** A node that is not reused has all its results. */
  z.object({ type: z.literal('node-done'), node: z.string() }),
  z.object({
    type: z.literal('phase'),
    phase: z.enum(['load', 'encode', 'sample', 'decode', 'save']),
    node: z.string().optional(),
    /** What it works on: a file's name, a network. */
    label: z.string(),
  }),
  /** `step` of `steps` is done. */
  z.object({ type: z.literal('step'), node: z.string().optional(), step: z.number().int(), steps: z.number().int() }),
  /** The denoised latent as a small picture: 8-bit RGB, rows from the top. */
  z.object({
    type: z.literal('preview'),
    node: z.string().optional(),
    width: z.number().int(),
    height: z.number().int(),
    rgb: z.instanceof(Uint8Array),
  }),
  image.extend({ type: z.literal('image') }),
  savedFile.extend({ type: z.literal('file') }),
  z.object({ type: z.literal('warning'), error: errorData }),
  /** How a session's adapters are applied, in their order: as the compiler decided, and why in plain words. */
  z.object({
    type: z.literal('explain'),
    node: z.string().optional(),
    /** The network: `UNet of emoji-tiny.safetensors`. */
    of: z.string(),
    adapters: z.array(z.object({ file: z.string(), strength: z.number(), live: z.boolean(), why: z.string() })),
  }),
  /** An intermediate form as text: the plan, or a network. */
  z.object({
    type: z.literal('dump'),
    stage: dumpStage,
    of: z.string(),
    node: z.string().optional(),
    text: z.string(),
  }),
])
export type RunEvent = z.infer<typeof runEvent>
