import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LoomError } from '#core/errors.ts'
import { outputName } from '#core/formats/output-name.ts'
import { factsOf, nothingKnown } from '#core/types/facts.ts'
import { outputTypes } from '#core/workflow/analyse.ts'
import type { Workflow } from '#core/workflow/document.ts'
import { parseWorkflow } from '#core/workflow/parse.ts'
import { printWorkflow } from '#core/workflow/print.ts'
import { validate } from '#core/workflow/validate.ts'
import { catalogue } from '#nodes/catalogue.ts'
import {
  changed,
  checkpointFact,
  errorOf,
  link,
  node,
  planOf,
  template,
  templateText,
  typed,
  withInputs,
  workflowOf,
} from './documents.ts'

const text = templateText('lcm-lora')
const utf8 = (value: string): Uint8Array => new TextEncoder().encode(value)

/** Problems as `node.input code`. */
const problems = (workflow: Workflow, facts = nothingKnown): string[] =>
  validate(typed(workflow, facts)).map(({ node, input, code }) => `${node ?? ''}.${input ?? ''} ${code}`)

describe('fault 1: bytes that are no workflow', () => {
  it.each([
    ['an empty file', '', 'line 1, column 1'],
    ['trailing garbage', `${text}x`, `line ${text.split('\n').length}, column 1`],
    ['another JSON', '{"nodes": []}', 'line 1, column 1'],
    ['a list', '[]', 'line 1, column 1'],
  ])('%s', (_name, bad, place) => {
    expect(errorOf(() => parseWorkflow(bad))).toMatchObject({ code: 'parse', message: expect.stringContaining(place) })
  })

  it('a byte order mark is passed over, UTF-16 is named, other encodings are refused with the place', () => {
    expect(parseWorkflow(`\ufeff${text}`)).toEqual(parseWorkflow(text))
    expect(parseWorkflow(utf8(`\ufeff${text}`))).toEqual(parseWorkflow(text))
    for (const mark of ['', '\ufeff']) {
      expect(errorOf(() => parseWorkflow(Buffer.from(mark + text, 'utf16le'))).message).toContain('UTF-16')
    }
    expect(errorOf(() => parseWorkflow(Buffer.from('{\n "\xe9": 1}', 'latin1'))).message).toContain('line 2, column 3')
  })

  it('truncated at every byte', () => {
    const bytes = utf8(text.trimEnd())
    for (let length = 0; length < bytes.length; length += 1) {
      const error = errorOf(() => parseWorkflow(bytes.subarray(0, length)))
      expect(error.code).toBe('parse')
      expect(error.message).toMatch(/line \d+, column \d+/)
    }
  })

  it('a wrong shape is said with path and place', () => {
    const bad = text.replace('"at": [0, 0]', '"at": "left"')
    expect(errorOf(() => parseWorkflow(bad)).message).toBe(
      'The workflow does not have the right shape: nodes.checkpoint.at has to be two numbers (line 9, column 13).',
    )
  })
})

describe('fault 3: large documents', () => {
  it('more than 64 MiB is refused before it is read', () => {
    expect(errorOf(() => parseWorkflow(new Uint8Array(100_000_000))).code).toBe('limit')
  })

  it('more than 50,000 nodes are refused; a chain of 20,000 is validated, inferred and lowered', () => {
    const lora = (source: string) => node('lora', { model: link(source, 'model'), file: 'a.safetensors' })
    const chain = Array.from(
      { length: 20_000 },
      (_, i) => [`l${i}`, lora(i === 0 ? 'checkpoint' : `l${i - 1}`)] as const,
    )
    const long = changed('lcm-lora', Object.fromEntries([...chain, ['lora', lora('l19999')]]))
    expect(validate(typed(parseWorkflow(printWorkflow(long))))).toEqual([])
    const many = Object.fromEntries(Array.from({ length: 50_001 }, (_, i) => [`n${i}`, node('prompt', {})]))
    expect(errorOf(() => parseWorkflow(printWorkflow(workflowOf(many)))).code).toBe('limit')
  })
})

describe('fault 3: many problems', () => {
  it.each([
    [1000, 1000],
    [1001, 1001],
    [3000, 1001],
  ])('of %d missing files %d problems are listed, and the last says that there are more', (files, listed) => {
    const workflow = workflowOf(
      Object.fromEntries(
        Array.from({ length: files }, (_, index) => [
          `c${index}`,
          node('checkpoint', { file: `${index}.safetensors` }),
        ]),
      ),
    )
    const missing = new Map(
      Array.from({ length: files }, (_, index) => [
        `checkpoint:${index}.safetensors`,
        { kind: 'error', code: 'not-found', message: `${index} is missing` } as const,
      ]),
    )
    const found = validate(typed(workflow, factsOf(missing))).filter(({ code }) => code !== 'invalid')
    expect(found).toHaveLength(listed)
    expect(found.at(-1)?.code).toBe(files > 1000 ? 'limit' : 'not-found')
  })
})

describe('fault 4: broken links', () => {
  it('each is listed, all at once', () => {
    const broken = changed('lcm-lora', {
      prompt: node('prompt', { clip: link('gone', 'clip'), text: 'x' }),
      lora: node('lora', { model: link('lora', 'model'), file: 'a.safetensors' }),
      decode: node('vae-decode', { vae: link('checkpoint', 'model'), latent: link('sampler', 'pixels') }),
      extra: node('prompt', { clip: link('checkpoint', 'clip'), words: 'x', text: 3 }),
    })
    expect(problems(broken).sort()).toEqual([
      'decode.latent not-found',
      'decode.vae type',
      'extra.text type',
      'extra.words not-found',
      'lora. cycle',
      'prompt.clip not-found',
    ])
  })

  it('a circle names its nodes', () => {
    const circle = changed('lcm-lora', {
      lora: node('lora', { model: link('b', 'model'), file: 'a' }),
      b: node('lora', { model: link('c', 'model'), file: 'a' }),
      c: node('lora', { model: link('lora', 'model'), file: 'a' }),
    })
    const [problem] = validate(typed(circle))
    expect(problem?.message).toMatch(/^These nodes feed each other in a circle: (\w+ → ){3}\w+\.$/)
    expect(outputTypes(typed(circle)).get('decode')).toBeDefined()
  })

  it('a wrong link says what both ends are and what to do', () => {
    const wrong = withInputs('lcm-lora', 'sampler', { latent: link('decode', 'image') })
    const inner = withInputs('lcm-lora', 'decode', { latent: link('latent', 'latent') }).nodes
    const [problem] = validate(typed({ ...wrong, nodes: { ...wrong.nodes, decode: inner.decode ?? node('', {}) } }))
    expect(problem).toMatchObject({
      node: 'sampler',
      input: 'latent',
      message: 'Latent of Sampler needs a latent, but Image of VAE Decode gives an image of 128 x 128 pixels.',
      hint: 'Put a VAE Encode node between them.',
    })
  })

  it('duplicate node ids are refused where they are', () => {
    const twice = text.replace('"decode": {', '"checkpoint": {')
    expect(errorOf(() => parseWorkflow(twice)).message).toContain('"checkpoint" is there twice')
  })
})

describe('fault 5: names of the prototype', () => {
  it('are ids, types, inputs and names like any other, or refused by the rule for ids', () => {
    const nodes = { constructor: node('constructor', { toString: 1, hasOwnProperty: link('valueof', 'toString') }) }
    const workflow = parseWorkflow(printWorkflow(workflowOf(nodes)))
    expect(parseWorkflow(printWorkflow(workflow))).toEqual(workflowOf(nodes))
    expect(problems(workflow)).toEqual(['constructor. unknown-node', '. invalid'])
    expect(problems(changed('lcm-lora', { prompt: node('prompt', { clip: link('constructor', 'name') }) }))).toContain(
      'prompt.clip not-found',
    )
    expect(problems(withInputs('lcm-lora', 'decode', { latent: link('sampler', 'constructor') }))).toEqual([
      'decode.latent not-found',
    ])
    expect(problems(withInputs('lcm-lora', 'prompt', { constructor: 'x' }))).toEqual(['prompt.constructor not-found'])
    const hostile = text.replace('"decode": {', '"__proto__": {')
    expect(errorOf(() => parseWorkflow(hostile)).code).toBe('parse')
    expect(Object.keys(Object.prototype)).toEqual([])
  })
})

describe('fault 6: seeds', () => {
  const seeded = (seed: string): string => text.replace('"seed": "42"', `"seed": ${seed}`)
  const attribute = (seed: string): unknown =>
    JSON.stringify(planOf(parseWorkflow(seeded(seed)))).match(/"seed":"(\d+)"/)?.[1]

  it.each([
    ['42', '42'],
    ['"42"', '42'],
    ['"042"', '42'],
    ['0', '0'],
    ['"9007199254740993"', '9007199254740993'],
    ['"18446744073709551615"', '18446744073709551615'],
  ])('%s is exact', (seed, exact) => {
    expect(attribute(seed)).toBe(exact)
  })

  it.each([
    ['9007199254740993', 'range'],
    ['18446744073709551615', 'range'],
    ['1e400', 'range'],
    ['"18446744073709551616"', 'range'],
    ['-1', 'range'],
    ['1.5', 'range'],
    ['null', 'type'],
    ['"NaN"', 'type'],
    ['"-1"', 'range'],
    ['[42]', 'type'],
    ['true', 'type'],
  ])('%s is refused', (seed, code) => {
    const error = errorOf(() => planOf(parseWorkflow(seeded(seed))))
    expect(error.code).toBe(code)
  })
})

describe('fault 7: other versions and unknown nodes', () => {
  it('an unknown node keeps everything through a round trip, and is a problem only where it is used', () => {
    const unknown =
      '{ "type": "blur", "version": 7, "at": [1.5, 2], "inputs": { "radius": 1e-7, "__proto__": [1], "z": { "const": { "b": 1, "a": -0.0 } } }, "future": { "y": 1, "x": [] } }'
    const document = text.replace('"nodes": {', `"later": { "b": 1, "a": [null] }, "nodes": { "zz": ${unknown},`)
    const once = parseWorkflow(document)
    const twice = parseWorkflow(printWorkflow(once))
    expect(twice).toEqual(once)
    expect(JSON.stringify(twice.nodes.zz)).toBe(JSON.stringify(parseWorkflow(printWorkflow(twice)).nodes.zz))
    expect(Object.keys(twice.nodes.zz?.inputs ?? {}).sort()).toEqual(['__proto__', 'radius', 'z'])
    expect(problems(once)).toEqual(['zz. unknown-node'])
    expect(planOf(once)).toEqual(planOf(template('lcm-lora')))
  })

  it('a document or a node of a newer version says so', () => {
    expect(errorOf(() => parseWorkflow(text.replace('"version": 1', '"version": 2')))).toMatchObject({
      code: 'unsupported',
      hint: 'Install a newer Latent Loom.',
    })
    const newer = changed('lcm-lora', { prompt: node('prompt', { clip: link('checkpoint', 'clip') }, { version: 9 }) })
    expect(problems(newer)).toEqual(['prompt. unsupported'])
  })
})

describe('fault 8: numbers out of range', () => {
  it.each([
    ['latent', 'width', 0],
    ['latent', 'width', -8],
    ['latent', 'height', 7],
    ['latent', 'height', 132],
    ['latent', 'height', 1e9],
    ['latent', 'batch', 1e6],
    ['scheduler', 'steps', 0],
    ['scheduler', 'steps', 1e6],
    ['scheduler', 'steps', 51],
    ['sampler', 'strength', 1.5],
    ['sampler', 'strength', 0],
    ['lora', 'modelStrength', 101],
  ])('%s.%s = %d', (id, input, value) => {
    const [problem, ...rest] = validate(typed(withInputs('lcm-lora', id, { [input]: value })))
    expect(problem).toMatchObject({ code: 'range', node: id, input })
    expect(rest).toEqual([])
  })

  it('a strength that is no number', () => {
    expect(problems(withInputs('lcm-lora', 'lora', { modelStrength: 'NaN' }))).toEqual(['lora.modelStrength type'])
  })
})

describe('fault 9: strange texts', () => {
  it.each(['a\0b', '\ud800', '\u202egnp.exe', '👩‍👩‍👧', ' "quoted" \\ '])(
    'the prompt %j reaches the plan as it is',
    (prompt) => {
      const workflow = parseWorkflow(printWorkflow(withInputs('lcm-lora', 'prompt', { text: prompt })))
      expect(JSON.stringify(planOf(workflow))).toContain(JSON.stringify({ text: prompt }))
    },
  )

  it('a prompt of a megabyte is refused', () => {
    expect(problems(withInputs('lcm-lora', 'prompt', { text: 'x'.repeat(1e6) }))).toEqual(['prompt.text limit'])
  })

  it.each(['../../x', 'CON', 'a:b', 'name. ', '/etc/passwd', 'a\0b', '..', ''])(
    'the prefix %j is made a file name, or one below subfolders',
    (prefix) => {
      const [effect] = planOf(withInputs('lcm-lora', 'save', { prefix })) as { attributes: { prefix: string } }[]
      for (const part of outputName(effect?.attributes.prefix ?? '', { when: new Date() }).split('/')) {
        expect(part).toMatch(/^[^/\\:\0. ][^/\\:\0]*$/)
        expect(part).not.toMatch(/^CON$|[. ]$/)
      }
    },
  )
})

describe('facts', () => {
  const facts = factsOf(
    new Map([
      ['checkpoint:emoji-tiny.safetensors', { kind: 'error', code: 'parse', message: 'It is an adapter.' }],
      ['lora:emoji-tiny-lcm-lora.safetensors', { kind: 'error', code: 'not-found', message: 'It is not there.' }],
    ]),
  )

  it('a file that cannot be read as its kind and a file that is not there are problems of their inputs', () => {
    expect(problems(template('lcm-lora'), facts)).toEqual(['checkpoint.file parse', 'lora.file not-found'])
  })

  it('a checkpoint without a VAE says so where the VAE is needed', () => {
    const bare = { ...checkpointFact, hasVae: false }
    const [problem] = validate(
      typed(template('lcm-lora'), factsOf(new Map([['checkpoint:emoji-tiny.safetensors', bare]]))),
    )
    expect(problem?.message).toBe(
      'VAE of VAE Decode needs a VAE, but VAE of Checkpoint gives nothing: the file emoji-tiny.safetensors holds no VAE.',
    )
  })
})

describe('fuzzing', () => {
  const scalar = fc.constantFrom(null, true, 0, -1, 1.5, 42, '42', 'mean', '', 'emoji-tiny.safetensors')
  const ids = ['a', 'b', 'c', 'checkpoint', 'constructor']
  const types = [...catalogue.keys(), 'subgraph:a', 'subgraph:b', 'subgraph:gone', 'blur', 'toString']
  const names = [
    ...new Set([...catalogue.values()].flatMap(({ inputs, outputs }) => Object.keys({ ...inputs, ...outputs }))),
    '__proto__',
  ]
  const value = fc.oneof(
    scalar,
    fc.record({ link: fc.tuple(fc.constantFrom(...ids), fc.constantFrom(...names)) }),
    fc.record({ input: fc.constantFrom(...names) }),
    fc.record({ const: fc.jsonValue({ maxDepth: 2 }) }),
  )
  const inputs = fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 4, noNullPrototype: true })
  const anyNode = fc.record(
    {
      type: fc.constantFrom(...types),
      version: fc.integer({ min: 1, max: 3 }),
      at: fc.tuple(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer()),
      // what is looked for in messages below must not come from a title
      title: fc.string().map((title) => title.replaceAll(/undefined|\[object|NaN/g, '')),
      state: fc.constantFrom('on', 'mute', 'bypass'),
      inputs,
      future: fc.jsonValue({ maxDepth: 2 }),
    },
    { requiredKeys: ['type', 'version', 'at', 'inputs'], noNullPrototype: true },
  )
  const nodes = fc.dictionary(fc.constantFrom(...ids), anyNode, { noNullPrototype: true })
  const ports = <T>(entry: fc.Arbitrary<T>) =>
    fc.dictionary(fc.constantFrom(...names), entry, { maxKeys: 3, noNullPrototype: true })
  const subgraph = fc.record(
    {
      inputs: ports(fc.record({ default: scalar }, { requiredKeys: [], noNullPrototype: true })),
      outputs: ports(
        fc.record({ link: fc.tuple(fc.constantFrom(...ids), fc.constantFrom(...names)) }, { noNullPrototype: true }),
      ),
      nodes,
    },
    { noNullPrototype: true },
  )
  const workflows = fc.record(
    {
      format: fc.constant('latent-loom' as const),
      version: fc.constant(1 as const),
      name: fc.string({ unit: 'binary' }),
      nodes,
      form: fc.array(
        fc.record(
          { name: fc.string({ minLength: 1 }), input: fc.tuple(fc.string(), fc.string()) },
          { noNullPrototype: true },
        ),
      ),
      subgraphs: fc.dictionary(fc.constantFrom('a', 'b', 'c'), subgraph, { noNullPrototype: true }),
    },
    { requiredKeys: ['format', 'version', 'nodes'], noNullPrototype: true },
  )

  it('what is printed and parsed is equal, and prints equally again', () => {
    fc.assert(
      fc.property(workflows, (workflow) => {
        const printed = printWorkflow(workflow as never)
        const parsed = parseWorkflow(printed)
        expect(parsed).toEqual(workflow)
        expect(printWorkflow(parsed)).toBe(printed)
      }),
      { numRuns: 300 },
    )
  })

  it('validation, inference and lowering end with problems or a plan, and throw nothing but LoomError', () => {
    fc.assert(
      fc.property(workflows, (document) => {
        const workflow = document as never
        const found = validate(typed(workflow))
        outputTypes(typed(workflow))
        for (const problem of found) expect(problem).toBeInstanceOf(LoomError)
        for (const { message } of found) expect(message).not.toMatch(/undefined|\[object|NaN/)
        try {
          planOf(workflow)
        } catch (error) {
          expect(error).toBeInstanceOf(LoomError)
          expect((error as LoomError).code).not.toBe('internal')
        }
      }),
      { numRuns: 500 },
    )
  })

  it('arbitrary JSON and bytes give nothing but LoomError', () => {
    const spoiled = fc
      .tuple(fc.nat(text.length - 1), fc.uint8Array({ maxLength: 4 }))
      .map(([at, bytes]) => Buffer.concat([utf8(text.slice(0, at)), bytes, utf8(text.slice(at + bytes.length))]))
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.json().map(utf8), spoiled), (bytes) => {
        try {
          parseWorkflow(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(LoomError)
        }
      }),
      { numRuns: 500 },
    )
  })
})
