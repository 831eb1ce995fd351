import { type Carried, isObject } from './carried.ts'

type Rule = (carried: Carried) => boolean

/** A program, and how its pictures and documents are told from those of others. */
interface Program {
  readonly name: string
  readonly matches: Rule
}

const hasAny =
  (...names: readonly string[]): Rule =>
  (carried) =>
    names.some((name) => carried.has(name))

const hasAll =
  (...names: readonly string[]): Rule =>
  (carried) =>
    names.every((name) => carried.has(name))

const begins =
  (name: string, start: string): Rule =>
  (carried) =>
    carried.text(name).startsWith(start)

/** A field of A1111's text, such as `Version: f2.0.1`. */
const setting =
  (name: string, pattern: RegExp): Rule =>
  (carried) =>
    pattern.test(carried.setting(name))

const either =
  (...rules: readonly Rule[]): Rule =>
  (carried) =>
    rules.some((rule) => rule(carried))

const members = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : isObject(value) ? Object.values(value) : []

/** A node of the graph that ComfyUI's server takes. */
const isComfyNode = (node: unknown): boolean =>
  isObject(node) && typeof node.class_type === 'string' && isObject(node.inputs)

/** A graph as ComfyUI's canvas saves it, or as its server takes it. */
const isComfyGraph = ({ nodes, links, ...others }: Readonly<Record<string, unknown>>): boolean =>
  (Array.isArray(nodes) && Array.isArray(links) && nodes.every((node) => isObject(node) && 'id' in node)) ||
  Object.values(others).some(isComfyNode)

/** A picture names its graph; a JSON file is one. */
const isComfy: Rule = (carried) =>
  [carried.object('workflow') ?? {}, carried.object('prompt') ?? {}].some(isComfyGraph) ||
  isComfyGraph(Object.fromEntries(carried.names.map((name) => [name, carried.value(name)])))

const isInvocation = (node: unknown): boolean =>
  isObject(node) && (node.type === 'invocation' || 'is_intermediate' in node)

const isChain = (node: unknown): boolean =>
  isObject(node) && isObject(node.data) && String(node.data.schemaId).startsWith('chainner:')

/** Ourselves, where a picture editor has left only A1111's text. */
export const thisProgram = 'Latent Loom'

/**
 * Programs that are recognised, most specific first, because many write A1111's text or a ComfyUI graph beside their
 * own data. The names of `Version` in A1111's text are those of each program's releases.
 */
export const programs: readonly Program[] = [
  { name: thisProgram, matches: setting('Version', /^Latent Loom/) },
  {
    name: 'NovelAI',
    matches: either(
      begins('Software', 'NovelAI'),
      begins('Source', 'NovelAI'),
      begins('Title', 'NovelAI'),
      begins('DocumentName', 'NovelAI'),
      hasAll('uncond_scale', 'noise_schedule'),
    ),
  },
  {
    name: 'InvokeAI',
    matches: either(
      hasAny('invokeai_metadata', 'invokeai_graph', 'invokeai_workflow', 'sd-metadata', 'Dream'),
      hasAll('app_version', 'generation_mode'),
      (carried) => members(carried.value('nodes')).some(isInvocation),
    ),
  },
  {
    name: 'Draw Things',
    matches: either(begins('CreatorTool', 'Draw Things'), hasAll('hiresFix', 'maskBlur', 'guidanceScale')),
  },
  { name: 'SwarmUI', matches: hasAny('sui_image_params', 'sui_extra_data', 'swarm_version') },
  {
    name: 'Stability Matrix',
    matches: either(hasAny('smproj', 'parameters-json'), hasAll('ProjectType', 'State')),
  },
  { name: 'Tensor.Art', matches: hasAny('generation_data') },
  { name: 'RuinedFooocus', matches: begins('software', 'RuinedFooocus') },
  {
    name: 'Fooocus',
    matches: either(
      hasAny('fooocus_scheme'),
      begins('Software', 'Fooocus'),
      begins('version', 'Fooocus'),
      setting('Version', /^Fooocus/),
      hasAll('base_model', 'performance'),
      hasAll('default_model', 'default_performance'),
    ),
  },
  {
    name: 'Easy Diffusion',
    matches: either(
      hasAny('use_stable_diffusion_model'),
      (carried) => 'use_stable_diffusion_model' in (carried.object('reqBody') ?? {}),
    ),
  },
  {
    name: 'Civitai',
    matches: either(hasAny('extraMetadata'), ({ settings }) => /, Civitai (resources|metadata): /.test(settings)),
  },
  { name: 'a Hugging Face Space', matches: hasAll('Model', 'resolution', 'num_inference_steps') },
  {
    name: 'Mochi Diffusion',
    matches: (carried) => carried.names.some((name) => carried.text(name).includes('Generator: Mochi Diffusion')),
  },
  {
    name: 'Midjourney',
    matches: (carried) =>
      /\bJob ID: [\da-f]{8}-[\da-f]{4}-/.test(carried.text('Description') || carried.text('description')),
  },
  { name: 'chaiNNer', matches: (carried) => members(carried.object('content')?.nodes).some(isChain) },
  { name: 'ComfyUI', matches: either(isComfy, setting('Version', /^ComfyUI/)) },
  { name: 'SD.Next', matches: either(setting('App', /^SD\.Next/), setting('Backend', /^(Diffusers|Original)/)) },
  { name: 'stable-diffusion.cpp', matches: setting('Version', /^stable-diffusion\.cpp/) },
  { name: 'EasyReforge', matches: setting('Version', /^f\d+\.\d+(\.\d+)?-v/) },
  { name: 'reForge', matches: setting('Version', /^(f\d+\.\d+(\.\d+)?v\d+-v|reforge)/i) },
  { name: 'Forge Classic', matches: setting('Version', /^classic/) },
  { name: 'Forge Neo', matches: setting('Version', /^neo/) },
  { name: 'Forge', matches: setting('Version', /^(f\d|forge)/i) },
  { name: 'AUTOMATIC1111', matches: setting('Version', /^v\d/) },
  { name: 'AUTOMATIC1111 or a program that writes like it', matches: ({ settings }) => settings !== '' },
]
