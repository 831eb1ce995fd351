import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { LoomError } from '#core/errors.ts'
import { readPngTexts } from '#core/formats/png.ts'
import { problemsOf } from '#core/protocol/error-data.ts'
import type { Params, Result, RunEvent } from '#core/protocol/messages.ts'
import { createEngine } from '#engine/create-engine.ts'
import type { Engine } from '#engine/engine.ts'
import { inflateCapped } from '#engine/files/inflate.ts'
import { preparedFolder } from '#main/host/paths.ts'
import { temporaryFolder } from './golden-networks.ts'

export const embeddedModels = fileURLToPath(new URL('../resources/models', import.meta.url))

export interface RunSettings {
  /** Values by their names in the form, or by `node.input`. */
  readonly set?: Readonly<Record<string, string>>
  readonly seed?: string
  readonly outputFolder?: string
  readonly previews?: boolean
  readonly targets?: readonly string[]
  /** Default: the processor. */
  readonly device?: Params<'run'>['device']
  /** Default: folded. */
  readonly strengths?: Params<'run'>['strengths']
  readonly explain?: boolean
  readonly dump?: Params<'run'>['dump']
  readonly profile?: string
  /** Folder that relative file names start from. */
  readonly folder?: string
  /** Called with every event. `abort` ends the run. */
  watch?(event: RunEvent, abort: () => void): void
}

export interface EngineRun extends Result<'run'> {
  readonly events: readonly RunEvent[]
}

export interface Failure {
  readonly error: LoomError
  /** The problems that an `invalid` error lists. */
  readonly problems: readonly LoomError[]
  readonly events: readonly RunEvent[]
}

/** An engine in this process that verifies plans and graphs after each pass. */
export class EngineRunner {
  readonly engine: Engine
  readonly #folder = temporaryFolder()

  constructor(...models: readonly string[]) {
    const shared = preparedFolder()
    this.engine = createEngine({ models, ...(shared !== undefined && { preparedFolder: shared }) })
  }

  async run(document: string, settings: RunSettings = {}): Promise<EngineRun> {
    const { seed, set = {}, outputFolder = this.#folder, folder = this.#folder, previews = false, watch } = settings
    const { targets, device = 'cpu', strengths = 'folded', explain = false, dump, profile } = settings
    const events: RunEvent[] = []
    const controller = new AbortController()
    const emit = (event: RunEvent) => {
      events.push(event)
      watch?.(event, () => controller.abort())
    }
    const overrides = Object.entries(set).map(([name, value]) => ({ name, value }))
    const source = { document, folders: [folder], overrides, ...(seed !== undefined && { seed }) }
    const options = {
      ...source,
      outputFolder,
      device,
      previews,
      verify: true,
      strengths,
      explain,
      dump,
      profile,
      ...(targets && { targets: [...targets] }),
    } as const
    return { ...(await this.engine.run(options, emit, controller.signal)), events }
  }

  /** The error of a run that must fail, and the events before it. */
  async failure(document: string, settings: RunSettings = {}): Promise<Failure> {
    const events: RunEvent[] = []
    const watch: RunSettings['watch'] = (event, abort) => {
      events.push(event)
      settings.watch?.(event, abort)
    }
    try {
      await this.run(document, { ...settings, watch })
    } catch (error) {
      if (error instanceof LoomError) return { error, problems: problemsOf(error), events }
      throw error
    }
    throw new Error('The run was expected to fail.')
  }

  close(): Promise<void> {
    return this.engine.close()
  }
}

/** The text of a bundled workflow. */
export function template(name: string): string {
  return readFileSync(new URL(`../resources/templates/${name}.loom.json`, import.meta.url), 'utf8')
}

/** The document with some inputs replaced by values or links: `{ 'prompt.clip': '-> lora.clip' }`. */
export function rewired(document: string, inputs: Inputs): string {
  const changed = JSON.parse(document)
  for (const [name, value] of Object.entries(inputs)) {
    const [node = '', input = ''] = name.split('.')
    changed.nodes[node].inputs[input] = linked([name, value])[1]
  }
  return JSON.stringify(changed)
}

/** A document from the types and inputs of its nodes. An arrow marks a link: `'-> checkpoint.model'`. */
export function documentOf(nodes: Readonly<Record<string, readonly [type: string, inputs: Inputs]>>): string {
  const entries = Object.entries(nodes).map(([id, [type, inputs]]) => [
    id,
    { type, version: 1, at: [0, 0], inputs: Object.fromEntries(Object.entries(inputs).map(linked)) },
  ])
  return JSON.stringify({ format: 'latent-loom', version: 1, name: 'test', nodes: Object.fromEntries(entries) })
}

type Inputs = Readonly<Record<string, string | number>>

function linked([name, value]: [string, string | number]): [string, unknown] {
  const [, node, output] = /^-> ([\w-]+)\.(\w+)$/.exec(String(value)) ?? []
  return [name, node === undefined ? value : { link: [node, output] }]
}

/** Labels of the events of a phase, in order. */
export function labels({ events }: Pick<EngineRun, 'events'>, phase: string): string[] {
  return events.flatMap((event) => (event.type === 'phase' && event.phase === phase ? [event.label] : []))
}

/** Nodes that ran, in the order in which they finished. */
export function done({ events }: Pick<EngineRun, 'events'>): string[] {
  return events.flatMap((event) => (event.type === 'node-done' ? [event.node] : []))
}

/** Nodes whose results were all cached, and nodes that had to run. */
export function planned({ events }: Pick<EngineRun, 'events'>): { reused: string[]; run: string[] } {
  const nodes = events.flatMap((event) => (event.type === 'plan' ? event.nodes : []))
  const named = (wanted: boolean) => nodes.flatMap(({ node, reused }) => (reused === wanted ? [node] : [])).sort()
  return { reused: named(true), run: named(false) }
}

/** 8-bit RGB pixels of the pictures of a run. */
export function pixelsOf({ images }: EngineRun): Promise<Buffer[]> {
  return Promise.all(images.map(({ path }) => sharp(path).raw().toBuffer()))
}

/** The text chunks of a saved picture. */
export function textsOf(path: string): Map<string, string> {
  return readPngTexts(readFileSync(path), inflateCapped)
}
