import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LoomError } from '#core/errors.ts'
import { documentKeyword, insertPngTexts } from '#core/formats/png.ts'
import { inflateCapped } from '#engine/files/inflate.ts'
import { catalogue } from '#nodes/catalogue.ts'
import { errorOf, node, templateText, workflowOf } from '#test/workflow/documents.ts'
import type { Workflow } from './document.ts'
import type { InputPort, NodeType } from './node-type.ts'
import { applyOverrides } from './overrides.ts'
import { printWorkflow } from './print.ts'
import { checkFileSize, type DocumentFormat, documentFormats, documentReader } from './read.ts'
import { subgraphsOf } from './subgraphs.ts'

const { readDocument, holdsDocument } = documentReader({ catalogue, inflate: inflateCapped })

const text = templateText('lcm-lora')
const workflow: Workflow = JSON.parse(text)
const utf8 = (value: string): Uint8Array => new TextEncoder().encode(value)
const png = new Uint8Array(readFileSync(new URL('../../resources/templates/fox-mask.png', import.meta.url)))
const carrying = (document: string): Uint8Array => insertPngTexts(png, new Map([[documentKeyword, document]]))
const fragment = (more: object) =>
  JSON.stringify({ format: 'latent-loom-fragment', version: 1, nodes: workflow.nodes, ...more })

const nothingElse = { migrated: [], confidence: 'stated', warnings: [] }

describe('readDocument', () => {
  it.each([
    ['document', 'a text', text],
    ['document', 'a file', utf8(text)],
    ['picture', 'a picture', carrying(text)],
  ])('reads as %s: %s', (format, _, content) => {
    expect(readDocument(content)).toEqual({ workflow, text, report: { format, ...nothingElse } })
  })

  it('reads a part that was copied as a document by itself', () => {
    const { nodes } = workflow
    const part = { format: 'latent-loom', version: 1, nodes }
    const report = { format: 'fragment', ...nothingElse }
    for (const content of [fragment({}), utf8(fragment({}))]) {
      expect(readDocument(content)).toEqual({ workflow: part, text: printWorkflow(part as Workflow), report })
    }
  })

  it('brings old nodes up to date and says which', () => {
    const old = node('scheduler', { solver: 'dpmpp-2m-karras' })
    const inner = { inputs: {}, outputs: {}, nodes: { old } }
    const saved = JSON.stringify(workflowOf({ old, prompt: node('prompt', {}) }, { inner }))
    for (const content of [saved, utf8(saved), carrying(saved), fragment({ nodes: { old }, subgraphs: { inner } })]) {
      const { workflow, report } = readDocument(content)
      const current = { ...old, version: 2, inputs: { solver: 'dpmpp-2m', schedule: 'karras' } }
      expect(workflow.nodes.old).toEqual(current)
      expect(workflow.subgraphs?.inner?.nodes.old).toEqual(current)
      expect(report.migrated).toEqual([{ of: 'scheduler', from: 1, to: 2, count: 2 }])
    }
    expect(readDocument(saved).text).toBe(saved)
  })

  it('lets an instance set an input that a node inside has renamed since', () => {
    const radius: InputPort = { type: { kind: 'float', min: 0, max: 9 }, label: 'Radius', description: '' }
    const blur: NodeType = {
      type: 'blur',
      version: 2,
      category: 'image',
      title: 'Blur',
      description: '',
      inputs: { radius },
      outputs: {},
      migrate: { 2: ({ sigma = 1, ...rest }) => ({ ...rest, radius: sigma }) },
      infer: () => ({}),
      lower: () => ({}),
    }
    const catalogue = new Map([['blur', blur]])
    const nodes = { blur: node('blur', { sigma: { input: 'softness' } }) }
    const instance = node('subgraph:soft', { softness: 4 })
    const saved = workflowOf({ instance }, { soft: { inputs: { softness: {} }, outputs: {}, nodes } })
    const reader = documentReader({ catalogue, inflate: inflateCapped })
    const { workflow } = reader.readDocument(JSON.stringify(saved))
    const { inputs } = subgraphsOf(workflow, catalogue).signatureOf(instance) ?? {}
    expect(inputs?.softness?.type).toEqual(radius.type)
    const { nodes: set } = applyOverrides(workflow, catalogue, [{ name: 'instance.softness', value: '5' }])
    expect(set.instance?.inputs).toEqual({ softness: 5 })
  })

  it('keeps what it does not know', () => {
    const blur = { ...node('blur', { radius: 1 }), version: 7, future: [1] }
    const later = { ...workflowOf({ blur }), later: { b: 1 } }
    expect(readDocument(JSON.stringify(later)).workflow).toEqual(later)
  })

  it.each([
    ['a document', text.replace('"version": 1', '"version": 2')],
    ['a copied part', fragment({ version: 2 })],
    ['a picture', carrying(text.replace('"version": 1', '"version": 2'))],
  ])('says that %s is newer than the program', (_, content) => {
    expect(errorOf(() => readDocument(content))).toMatchObject({
      code: 'unsupported',
      message: 'The workflow is a document of version 2; this program reads versions up to 1.',
      hint: 'Install a newer Latent Loom.',
    })
  })

  it('tells what may hold a workflow, and says of a picture without one that there is none', () => {
    for (const picture of [png, Uint8Array.of(0xff, 0xd8, 0xff, 0xe0), utf8('RIFF\n\n\n\nWEBPVP8 ')]) {
      expect(holdsDocument(picture)).toBe(false)
      expect(errorOf(() => readDocument(picture))).toMatchObject({
        code: 'not-found',
        message: 'The picture carries no workflow.',
      })
    }
    expect(holdsDocument(carrying('damaged'))).toBe(true)
    for (const content of ['a fox', '', utf8('a fox'), Uint8Array.of(0, 1, 2)])
      expect(holdsDocument(content)).toBe(false)
    for (const mark of ['', '\ufeff', '\n']) {
      expect(holdsDocument(mark + text)).toBe(true)
      expect(readDocument(utf8(mark + fragment({}))).report.format).toBe('fragment')
    }
    expect(errorOf(() => readDocument(carrying('damaged'))).code).toBe('parse')
  })

  it('refuses more bytes than a picture has', () => {
    expect(() => checkFileSize(2 ** 29)).not.toThrow()
    expect(errorOf(() => checkFileSize(2 ** 29 + 1)).code).toBe('limit')
  })
})

describe('a further format', () => {
  /** The prompt of a picture's `parameters`. */
  const parameters: DocumentFormat = {
    matches: ({ texts }) => texts().has('parameters'),
    read: ({ texts }) => ({
      workflow: workflowOf({ prompt: node('prompt', { text: texts().get('parameters') ?? '' }) }),
      confidence: 'inferred',
      warnings: [new LoomError('unsupported', 'The sampler is not known.')],
    }),
  }
  const reader = documentReader({ catalogue, inflate: inflateCapped }, { ...documentFormats, parameters })

  it('is a row of the table', () => {
    const picture = insertPngTexts(png, new Map([['parameters', 'a fox']]))
    const read = reader.readDocument(picture)
    expect(read.workflow.nodes.prompt?.inputs).toEqual({ text: 'a fox' })
    expect(readDocument(read.text).workflow).toEqual(read.workflow)
    expect(read.report).toMatchObject({
      format: 'parameters',
      confidence: 'inferred',
      warnings: [{ code: 'unsupported' }],
    })
  })

  it('comes after a workflow of ours', () => {
    const both = insertPngTexts(carrying(text), new Map([['parameters', 'a fox']]))
    expect(reader.readDocument(both).report.format).toBe('picture')
  })
})

describe('fuzzing', () => {
  const folder = new URL('../../test/documents/v1/', import.meta.url)
  const samples = readdirSync(folder).map((file) => new Uint8Array(readFileSync(new URL(file, folder))))

  const orLoomError = (content: string | Uint8Array): void => {
    try {
      readDocument(content)
    } catch (error) {
      expect(error).toBeInstanceOf(LoomError)
    }
  }

  it('saved files with changed bytes give a workflow or a LoomError', () => {
    const change = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.nat(255) })
    const changes = fc.array(change, { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(fc.constantFrom(...samples), changes, fc.boolean(), (sample, changes, cut) => {
        const bytes = sample.slice()
        for (const { at, byte } of changes) bytes[Math.floor(at * bytes.length)] = byte
        orLoomError(cut ? bytes.subarray(0, Math.floor((changes[0]?.at ?? 0) * bytes.length)) : bytes)
      }),
      { numRuns: 300 },
    )
  })

  it('so do any bytes, any texts, and pictures that carry them', () => {
    const heads = [
      '',
      '\x89PNG\r\n\x1a\n',
      '{',
      '{"format":"latent-loom","version":1,',
      '{"format":"latent-loom-fragment",',
    ]
    const rest = fc.oneof(fc.uint8Array(), fc.json().map(utf8), fc.string().map(utf8))
    fc.assert(
      fc.property(fc.constantFrom(...heads), rest, (head, bytes) => {
        const whole = new Uint8Array([...Buffer.from(head, 'latin1'), ...bytes])
        orLoomError(whole)
        orLoomError(Buffer.from(whole).toString())
        orLoomError(carrying(Buffer.from(whole).toString()))
      }),
      { numRuns: 300 },
    )
  })
})
