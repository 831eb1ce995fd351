import { LoomError } from '#core/errors.ts'
import { documentVersion, type Workflow, workflowSchema } from './document.ts'
import { type Json, type JsonPath, locate, parseJson } from './json.ts'

/** 64 MiB of text and 50,000 nodes: far above what a person draws, far below what a machine chokes on. */
const maxBytes = 64 * 1024 * 1024
export const maxNodes = 50_000

/** Problems of shape that one error lists; the rest are counted. */
const maxListed = 5

/**
 * Reads a `*.loom.json` document. What it does not know, keys and node types, is kept as it is.
 * @param text UTF-8 bytes or text; a byte order mark is passed over
 * @throws LoomError `parse` with line and column, `limit`, `range`, or `unsupported` for a document of a newer version
 */
export function parseWorkflow(text: string | Uint8Array): Workflow {
  if (text.length > maxBytes) {
    throw new LoomError('limit', `The workflow is larger than ${maxBytes / 1024 / 1024} MiB.`, {
      hint: 'Pictures and models do not belong into the document; it names their files.',
    })
  }
  const source = (typeof text === 'string' ? text : decode(text)).replace(/^\ufeff/, '')
  const json = parseJson(source)
  checkVersion(json)
  const { success, data, error } = workflowSchema.safeParse(json)
  if (!success) throw misshapen(source, error.issues)
  // What was checked is kept, not what the schema made of it: unknown keys survive.
  const workflow = json as unknown as typeof data
  checkCount(workflow)
  return workflow
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

/** Where decoding stops being possible; a replacement character of the text itself may be found instead. */
function firstInvalid(bytes: Uint8Array): { line: number; column: number } {
  const before = new TextDecoder().decode(bytes).split('\ufffd', 1)[0] ?? ''
  const lines = before.split(/\r\n|\r|\n/)
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 }
}

/** Says so first when the document is somebody else's or newer, before its shape is held against it. */
function checkVersion(json: Json): void {
  const document =
    typeof json === 'object' && json !== null && !Array.isArray(json) ? new Map(Object.entries(json)) : undefined
  if (document?.get('format') !== 'latent-loom') {
    throw new LoomError(
      'parse',
      'This is JSON, but not a Latent Loom workflow: its "format" is not "latent-loom" (line 1, column 1).',
      {
        hint: 'Open a file that Latent Loom has saved, usually *.loom.json.',
      },
    )
  }
  const version = document.get('version')
  if (typeof version === 'number' && version > documentVersion) {
    throw new LoomError(
      'unsupported',
      `The workflow is a document of version ${version}; this program reads versions up to ${documentVersion}.`,
      { hint: 'Install a newer Latent Loom.' },
    )
  }
}

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

/** zod's own "Invalid input: expected string, received number", fit for the middle of a sentence. */
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
