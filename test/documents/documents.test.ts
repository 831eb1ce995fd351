import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { draft } from '#core/protocol/routes.ts'
import type { Workflow } from '#core/workflow/document.ts'
import { validate } from '#core/workflow/validate.ts'
import { readDocument } from '#engine/files/document.ts'
import { catalogue } from '#nodes/catalogue.ts'
import { readDocument as readInPage } from '#renderer/workspace/read-document.ts'
import { decodeShareLink } from '#renderer/workspace/share-link.ts'
import { planOf, template, typed } from '../workflow/documents.ts'

/**
 * Documents as programs of document version 1 saved them. They stay as they are, whatever becomes of the format. Each is named by the
 * template that it means the same as.
 */
const folder = new URL('v1/', import.meta.url)

const templates = readdirSync(new URL('../../resources/templates', import.meta.url)).flatMap((file) =>
  file.endsWith('.loom.json') ? [file.replace('.loom.json', '')] : [],
)

type Content = string | Uint8Array

/** By how a file's name ends: what of it is read as a document. */
const contents: Readonly<Record<string, (bytes: Buffer) => Content | Promise<Content>>> = {
  'loom.json': (bytes) => bytes,
  /** Its Scheduler nodes are of version 1. */
  'scheduler-1.loom.json': (bytes) => bytes,
  png: (bytes) => bytes,
  'fragment.json': (bytes) => bytes.toString(),
  'draft.json': (bytes) => draft.parse(JSON.parse(bytes.toString())).text,
  'link.txt': (bytes) => decodeShareLink(bytes.toString()),
}

const saved = readdirSync(folder).map((file): [name: string, template: string, ending: string] => {
  const [name = '', ...ending] = file.split('.')
  return [file, name, ending.join('.')]
})

const formOf = ({ form = [] }: Workflow) => form.map(({ name, input }) => [name, ...input])

it('every template and every format is there', () => {
  const whole = saved.flatMap(([, name, ending]) => (ending === 'loom.json' ? [name] : []))
  expect(templates.filter((name) => !whole.includes(name))).toEqual([])
  expect(new Set(saved.map(([, , ending]) => ending))).toEqual(new Set(Object.keys(contents)))
})

describe.each(saved)('%s', (file, name, ending) => {
  const content = async () => contents[ending]?.(readFileSync(new URL(file, folder))) ?? ''

  it('is read everywhere alike, is valid, and draws what its template draws', async () => {
    const reading = readDocument(await content())
    const { workflow, report } = reading
    expect(readInPage(await content())).toEqual(reading)
    expect(validate(typed(workflow))).toEqual([])
    const nodes = Object.values(workflow.nodes)
    expect(nodes.filter(({ type, version }) => catalogue.get(type)?.version !== version)).toEqual([])
    expect(planOf(workflow)).toEqual(planOf(template(name)))
    if (ending !== 'fragment.json') expect(formOf(workflow)).toEqual(formOf(template(name)))
    expect(report).toMatchObject({ confidence: 'stated', warnings: [] })
  })
})
