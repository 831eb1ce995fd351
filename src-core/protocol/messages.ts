import { z } from 'zod'
import { errorCodes } from '#core/errors.ts'

/** Requests to the engine process and its answers. Both sides parse every message with these schemas. */

const errorCode = z.enum(Object.keys(errorCodes) as [keyof typeof errorCodes, ...(keyof typeof errorCodes)[]])

const problem = z.object({
  code: errorCode,
  message: z.string(),
  node: z.string().optional(),
  input: z.string().optional(),
  hint: z.string().optional(),
  answers: z.array(z.union([z.number(), z.string()])).optional(),
  sourceAnswers: z.record(z.string(), z.number()).optional(),
  /** Shown only with `--verbose`. */
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

/** A workflow as saved, with the caller's overrides. */
const source = z.object({
  /** The document's JSON text. */
  document: z.string(),
  /** Folders in which relative file names are looked for, the document's own first, before the model folders. */
  folders: z.array(z.string()),
  /** Refuses file names outside `folders` and the model folders, because the document came from a client. */
  confined: z.boolean().optional(),
  overrides: z.array(override),
  /** Sets every seed input; a decimal string. */
  seed: z.string().optional(),
})
export type WorkflowSource = z.infer<typeof source>

/** What a device computes in. Weights keep the precision of their files where the device can use it. */
export const precisions = ['float32', 'float16'] as const
export const precisionChoices = ['auto', ...precisions] as const
export const precision = z.enum(precisionChoices)
export type Precision = (typeof precisions)[number]
export type PrecisionChoice = z.infer<typeof precision>

export const devices = ['auto', 'cpu', 'cuda', 'dml', 'coreml', 'webgpu'] as const
export const device = z.enum(devices)
export type DeviceChoice = z.infer<typeof device>

/**
 * Stages of compilation: the plan before and after its rules, a network as built and after each pass, all as text; then
 * each network as an `.onnx` file in the output folder, with the file's path as the text.
 */
export const dumpStages = ['plan', 'rules', 'build', 'half', 'pack', 'lower', 'fuse', 'peephole', 'encode'] as const
const dumpStage = z.enum(dumpStages)
export type DumpStage = z.infer<typeof dumpStage>

const strengthMode = z.enum(['auto', 'live', 'folded'])

const runOptions = source.extend({
  outputFolder: z.string(),
  /** Folder for saved models; absent: the output folder. */
  modelFolder: z.string().optional(),
  device,
  /** Absent or `auto`: what the device computes in fastest, but float32 for networks that need it. */
  precision: precision.optional(),
  /** Asks for `preview` events. */
  previews: z.boolean(),
  /** Decodes previews with a TAESD of the model folders, which is slower than the linear RGB approximation. */
  decodedPreviews: z.boolean().optional(),
  /** Verifies the plan and every graph after each pass. */
  verify: z.boolean(),
  /** Asks for `dump` events of this stage. */
  dump: dumpStage.optional(),
  /** Runs only these nodes and their dependencies, and shows their results; absent: runs every effect. */
  targets: z.array(z.string()).optional(),
  /**
   * `live`: the strengths of adapters are inputs of the session; `folded`: they are folded into the weights;
   * absent or `auto`: those that changed from run to run are inputs.
   */
  strengths: strengthMode.optional(),
  /** Asks for `explain` and `memory` events. */
  explain: z.boolean().optional(),
  /** File that receives a trace of the run: its steps, and the nodes of its sessions. */
  profile: z.string().optional(),
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
  /** Shown because `targets` asked for it, not saved by a node of the workflow. */
  shown: z.boolean().optional(),
  width: z.number().int(),
  height: z.number().int(),
  seed: z.string().optional(),
})

/** A saved model. Clients of the server get only its name. */
const savedFile = z.object({ path: z.string(), node: z.string(), bytes: z.number() })

const deviceReport = z.object({
  name: device,
  available: z.boolean(),
  /** A description of the device, or what is missing and how to get it. */
  detail: z.string(),
})

/** What a profiled run cost. */
const profile = z.object({
  /** The trace. */
  path: z.string(),
  /** Number of nodes of all sessions, and what they took together. */
  count: z.number().int(),
  milliseconds: z.number(),
  /** The costliest ones, over all their runs. */
  nodes: z.array(
    z.object({
      op: z.string(),
      /** With the module that it belongs to: `down_blocks.0.resnets.0.conv1/Conv:12`. */
      name: z.string(),
      /** The network: `UNet of emoji-tiny.safetensors`. */
      of: z.string(),
      runs: z.number().int(),
      milliseconds: z.number(),
    }),
  ),
})

export const results = {
  run: z.object({
    images: z.array(image),
    /** Saved models; absent: none. */
    files: z.array(savedFile).optional(),
    /** Steps of the plan, and how many of them were cached. */
    steps: z.number().int(),
    reused: z.number().int(),
    /** Number of sessions created. */
    sessions: z.number().int(),
    milliseconds: z.number(),
    profile: profile.optional(),
  }),
  cancel: z.object({}),
  validate: z.object({ problems: z.array(errorData), advice: z.array(errorData) }),
  /** The result of `engine/inspect.ts`, as plain data. */
  inspect: z.record(z.string(), z.unknown()),
  devices: z.object({
    devices: z.array(deviceReport),
    /** What `auto` takes, and why. */
    automatic: z.object({ device, why: z.string() }).optional(),
    versions: z.record(z.string(), z.string()),
  }),
} as const
export type Result<M extends Method> = z.infer<(typeof results)[M]>

/** Events of a run. Nodes are ids of the document. */
export const runEvent = z.discriminatedUnion('type', [
  /**
   * The nodes that the run needs, sent before any event of a node. A node is `reused` if its needed results are cached.
   * A node without effect, such as a LoRA at strength 0, is not needed.
   */
  z.object({ type: z.literal('plan'), nodes: z.array(z.object({ node: z.string(), reused: z.boolean() })) }),
  /** All results of a node that was not cached are there. */
  z.object({ type: z.literal('node-done'), node: z.string() }),
  z.object({
    type: z.literal('phase'),
    phase: z.enum(['load', 'encode', 'sample', 'decode', 'save']),
    node: z.string().optional(),
    /** The object of the work: the name of a file or of a network. */
    label: z.string(),
    /** What the network that is loaded computes in. */
    precision: z.enum(precisions).optional(),
  }),
  /** Sampling step `step` of `steps` is done. */
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
  /** How the compiler applies a session's adapters, in their order, and why. */
  z.object({
    type: z.literal('explain'),
    node: z.string().optional(),
    /** The network: `UNet of emoji-tiny.safetensors`. */
    of: z.string(),
    adapters: z.array(z.object({ file: z.string(), strength: z.number(), live: z.boolean(), why: z.string() })),
  }),
  /** What a network takes on its device, when it runs at these sizes for the first time, and what has left for it. */
  z.object({
    type: z.literal('memory'),
    node: z.string().optional(),
    of: z.string(),
    device,
    /** Bytes of its own weights, and an estimate of what lives while it runs. */
    weights: z.number(),
    activations: z.number(),
    /** Bytes that all networks may take on the device; absent: not known, or not limited. */
    budget: z.number().optional(),
    /** Where the budget is from, or why there is none. */
    why: z.string(),
    released: z.array(z.string()),
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
