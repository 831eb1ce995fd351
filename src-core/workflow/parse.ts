import type { z } from 'zod'
import { LoomError } from '#core/errors.ts'
import { fragmentSchema, maxDocumentBytes, maxNodes, own, type Workflow, workflowSchema } from './document.ts'
import { documentMigrations, documentVersion } from './document-version.ts'
import { type Json, type JsonObject, type JsonPath, locate, parseJson } from './json.ts'
import { migrate } from './migrations.ts'

/** Maximum number of shape problems that an error lists. The rest are counted. */
const maxListed = 5

/** A document of the present version, its nodes as they were saved. */
export interface Parsed {
  readonly workflow: Workflow
  /** The document version that it was saved with. */
  readonly version: number
}

/**
 * Reads a `*.loom.json` document. Unknown keys and node types are kept.
 * @param content UTF-8 bytes or text; a byte order mark is passed over
 * @throws LoomError `parse` with line and column, `limit`, `range`, or `unsupported` for a document of a newer version
 */
export const parseDocument = (content: string | Uint8Array): Parsed => counted(parseAs(workflowSchema, content))

/**
 * Reads a part of a document, as the clipboard carries it, as a document by itself.
 * @throws LoomError as `parseDocument`
 */
export function parseFragment(content: string | Uint8Array): Parsed {
  const { json, version } = parseAs(fragmentSchema, content)
  return counted({ json: { ...json, format: 'latent-loom' }, version })
}

/** The document of `parseDocument` alone. */
export const parseWorkflow = (content: string | Uint8Array): Workflow => parseDocument(content).workflow

function counted({ json: workflow, version }: Checked<Workflow>): Parsed {
  checkCount(workflow)
  return { workflow, version }
}

interface Checked<T> {
  readonly json: T
  readonly version: number
}

function parseAs<S extends typeof workflowSchema | typeof fragmentSchema>(
  schema: S,
  content: string | Uint8Array,
): Checked<z.output<S>> {
  const text = textOf(content)
  const { saved, version } = documentIn(parseJson(text), schema.shape.format.value)
  const json = version < documentVersion ? migrateDocument(saved, version) : saved
  const { success, error } = schema.safeParse(json)
  if (!success) throw misshapen(text, error.issues)
  // the checked document, not the schema's output, which lacks unknown keys
  return { json: json as unknown as z.output<S>, version }
}

const migrateDocument = (saved: JsonObject, version: number): JsonObject => ({
  ...migrate(saved, version, documentVersion, documentMigrations),
  version: documentVersion,
})

/**
 * The text of a document.
 * @throws LoomError `limit` if it is too long, `parse` if it is not UTF-8
 */
export function textOf(content: string | Uint8Array): string {
  if (content.length > maxDocumentBytes) {
    throw new LoomError('limit', `The workflow is larger than ${maxDocumentBytes / 2 ** 20} MiB.`, {
      hint: 'Pictures and models do not belong into the document; it names their files.',
    })
  }
  return (typeof content === 'string' ? content : decode(content)).replace(/^\ufeff/, '')
}

function decode(bytes: Uint8Array): string {
  const [first, second] = bytes
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff) || first === 0 || second === 0) {
    throw new LoomError('parse', 'The workflow is encoded as UTF-16; a workflow is UTF-8 (line 1, column 1).', {
      hint: 'Save the file again with the encoding UTF-8.',
    })
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    const { line, column } = firstInvalid(bytes)
    throw new LoomError('parse', `The workflow is not UTF-8 text (line ${line}, column ${column}).`, {
      hint: 'This is not a workflow document, or it was saved with another encoding; save it as UTF-8.',
      cause,
    })
  }
}

/** The position of the first invalid byte, or of a replacement character in the text itself. */
function firstInvalid(bytes: Uint8Array): { line: number; column: number } {
  const before = new TextDecoder().decode(bytes).split('\ufffd', 1)[0] ?? ''
  const lines = before.split(/\r\n|\r|\n/)
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 }
}

/** Checks format and version first, because a foreign or newer document would fail the shape check anyway. */
function documentIn(json: Json, format: string): { readonly saved: JsonObject; readonly version: number } {
  if (!isObject(json) || own(json, 'format') !== format) {
    throw new LoomError(
      'parse',
      'This is JSON, but not a Latent Loom workflow: its "format" is not "latent-loom" (line 1, column 1).',
      {
        hint: 'Open a file that Latent Loom has saved, usually *.loom.json.',
      },
    )
  }
  const version = own(json, 'version')
  if (typeof version === 'number' && version > documentVersion) {
    throw new LoomError(
      'unsupported',
      `The workflow is a document of version ${version}; this program reads versions up to ${documentVersion}.`,
      { hint: 'Install a newer Latent Loom.' },
    )
  }
  // anything else is a matter of its shape
  const isVersion = typeof version === 'number' && Number.isInteger(version) && version >= 1
  return { saved: json, version: isVersion ? version : documentVersion }
}

const isObject = (json: Json): json is JsonObject => typeof json === 'object' && json !== null && !Array.isArray(json)

function misshapen(source: string, issues: readonly { path: readonly PropertyKey[]; message: string }[]): LoomError {
  const listed = issues.slice(0, maxListed).map(({ path, message }) => {
    const steps: JsonPath = path.map((step) => (typeof step === 'symbol' ? String(step) : step))
    return `${steps.join('.') || 'the document'} ${lowered(message)} (${locate(source, steps)})`
  })
  const rest = issues.length > maxListed ? `; and ${issues.length - maxListed} more` : ''
  return new LoomError('parse', `The workflow does not have the right shape: ${listed.join('; ')}${rest}.`, {
    hint: 'Correct the file at these places.',
  })
}

/** zod's message ("Invalid input: expected string, received number") for use within a sentence. */
const lowered = (message: string): string =>
  message.replace(/^Invalid input: /, 'is wrong: ').replace(/^Invalid/, 'is an invalid')

function checkCount({ nodes, subgraphs = {} }: Workflow): void {
  let count = Object.keys(nodes).length
  for (const subgraph of Object.values(subgraphs)) count += Object.keys(subgraph.nodes).length
  if (count > maxNodes) {
    throw new LoomError('limit', `The workflow has ${count} nodes; at most ${maxNodes} are possible.`, {
      hint: 'Split it into several workflows.',
    })
  }
}
