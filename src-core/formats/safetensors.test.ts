import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ErrorCode, LoomError } from '#core/errors.ts'
import { cpuTime } from '#test/cpu-time.ts'
import {
  byAlignment,
  type Dtype,
  encodeHeader,
  parseHeader,
  readHeaderLength,
  type SafetensorsHeader,
  type TensorSpec,
  tensorByteLength,
} from './safetensors.ts'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

function file(header: string | Uint8Array, dataBytes: number, claimed?: bigint): Uint8Array {
  const json = typeof header === 'string' ? utf8(header) : header
  const bytes = new Uint8Array(8 + json.length + dataBytes)
  new DataView(bytes.buffer).setBigUint64(0, claimed ?? BigInt(json.length), true)
  bytes.set(json, 8)
  return bytes
}

function deserialize(bytes: Uint8Array): SafetensorsHeader {
  const length = readHeaderLength(bytes.subarray(0, 8), bytes.length)
  return parseHeader(bytes.subarray(8, 8 + length), bytes.length)
}

const tensor = (dtype: string, shape: string, offsets: string): string =>
  `{"dtype":"${dtype}","shape":[${shape}],"data_offsets":[${offsets}]}`

function errorOf(run: () => unknown): LoomError {
  try {
    run()
  } catch (error) {
    if (error instanceof LoomError) return error
    throw error
  }
  throw new Error('expected an error')
}

function expectError(run: () => unknown, code: ErrorCode, ...says: RegExp[]): void {
  const error = errorOf(run)
  expect(error.code, error.message).toBe(code)
  expect(error.hint).toBeTruthy()
  for (const part of says) expect(error.message).toMatch(part)
}

const test22 = tensor('I32', '2,2', '0,16')

describe("the reference implementation's own tests", () => {
  it('test_deserialization', () => {
    const header = deserialize(file(`{"test":${test22}}`, 16))
    expect([...header.tensors]).toEqual([['test', { dtype: 'I32', shape: [2, 2], offset: 68, byteLength: 16 }]])
    expect(header.dataOffset).toBe(68)
  })

  it('test_serialization', () => {
    const bytes = encodeHeader([{ name: 'attn.0', dtype: 'F32', shape: [1, 2, 3] }], new Map())
    expect(bytes[0]).toBe(64)
    expect(new TextDecoder().decode(bytes.subarray(8))).toBe(
      '{"attn.0":{"dtype":"F32","shape":[1,2,3],"data_offsets":[0,24]}}',
    )
  })

  it('test_serialization_forced_alignement', () => {
    const bytes = encodeHeader([{ name: 'attn0', dtype: 'F32', shape: [1, 1, 2, 3] }], new Map())
    expect(bytes[0]).toBe(72)
    expect(new TextDecoder().decode(bytes.subarray(8))).toBe(
      `{"attn0":{"dtype":"F32","shape":[1,1,2,3],"data_offsets":[0,24]}}${' '.repeat(7)}`,
    )
  })

  it('test_serialization_fp4', () => {
    const spec: TensorSpec = { name: 'attn.0', dtype: 'F4', shape: [1, 2] }
    const bytes = encodeHeader([spec], new Map())
    expect(new TextDecoder().decode(bytes.subarray(8))).toBe(
      '{"attn.0":{"dtype":"F4","shape":[1,2],"data_offsets":[0,1]}}    ',
    )
    expect(parseHeader(bytes.subarray(8), bytes.length + 1).tensors.get('attn.0')?.byteLength).toBe(1)
  })

  it('test_serialization_fp4_misaligned', () => {
    const spec: TensorSpec = { name: 'attn.0', dtype: 'F4', shape: [1, 3] }
    expectError(() => encodeHeader([spec], new Map()), 'parse', /"attn.0"/, /whole bytes/)
    expectError(() => deserialize(file(`{"attn.0":${tensor('F4', '1,3', '0,2')}}`, 2)), 'parse', /whole bytes/)
  })

  it('test_serialization_fp4_invalid', () => {
    expectError(() => deserialize(file(`{"attn.0":${tensor('F4', '1,2', '0,2')}}`, 2)), 'parse', /needs 1 bytes, not 2/)
  })

  it('test_empty', () => {
    expect(encodeHeader([], new Map())).toEqual(file('{}      ', 0))
    expect(deserialize(file('{}      ', 0)).tensors.size).toBe(0)
    const bytes = encodeHeader([], new Map([['framework', 'pt']]))
    expect(new TextDecoder().decode(bytes.subarray(8))).toBe('{"__metadata__":{"framework":"pt"}}     ')
    expect([...deserialize(bytes).metadata]).toEqual([['framework', 'pt']])
  })

  it('test_empty_shapes_allowed', () => {
    const header = deserialize(file(`{"test":${tensor('I32', '', '0,4')}}`, 4))
    expect(header.tensors.get('test')).toEqual({ dtype: 'I32', shape: [], offset: header.dataOffset, byteLength: 4 })
  })

  it('test_json_attack: many tensors on the same bytes', () => {
    const members = Array.from({ length: 10 }, (_, index) => `"weight_${index}":${test22}`)
    expectError(() => deserialize(file(`{${members.join(',')}}`, 16)), 'parse', /"weight_\d"/, /overlaps/)
  })

  it('test_metadata_incomplete_buffer', () => {
    expectError(() => deserialize(file(`{"test":${test22}}`, 16 + 34)), 'parse', /34 bytes behind/)
    expectError(() => deserialize(file(`{"test":${test22}}`, 14)), 'parse', /cut off.*16 bytes.*14/)
  })

  it('test_header_too_large', () => {
    expectError(() => deserialize(file(`{"test":${test22}}`, 16, 0xffffff000000003cn)), 'limit', /100000000/)
  })

  it('test_header_too_small', () => {
    expectError(() => deserialize(new Uint8Array()), 'parse', /8 bytes/)
  })

  it('test_invalid_header_length', () => {
    expectError(() => deserialize(file('', 0, 60n)), 'parse', /claims 60 bytes, but only 0/)
  })

  it('test_invalid_header_non_utf8', () => {
    expectError(() => parseHeader(Uint8Array.of(0xff), 9), 'parse', /UTF-8/)
    expectError(() => deserialize(file(Uint8Array.of(0x7b, 0xff, 0x7d), 0)), 'parse', /UTF-8/)
  })

  it('test_invalid_header_not_json', () => {
    expectError(() => parseHeader(utf8('{'), 9), 'parse', /not valid/)
  })

  it('test_whitespace_padded_header', () => {
    expect(deserialize(file('{}\r \t\n', 0)).tensors.size).toBe(0)
  })

  it('test_whitespace_leading_padded_header', () => {
    expect(deserialize(file('\t\n{}\r ', 0)).tensors.size).toBe(0)
  })

  it('test_zero_sized_tensor', () => {
    const header = deserialize(file(`{"test":${tensor('I32', '2,0', '0, 0')}}`, 0))
    expect(header.tensors.get('test')).toMatchObject({ shape: [2, 0], byteLength: 0 })
  })

  it('test_invalid_info', () => {
    expectError(
      () => deserialize(file(`{"test":${tensor('I32', '2,2', '0, 4')}}`, 4)),
      'parse',
      /"test"/,
      /needs 16 bytes, not 4/,
    )
  })

  it('test_validation_overflow', () => {
    for (const huge of ['18446744073709551614', '9223372036854775807']) {
      expectError(() => deserialize(file(`{"test":${tensor('I32', `2,${huge}`, '0,16')}}`, 16)), 'limit', /"test"/)
    }
  })

  it('test_invalid_header_size_serialization', () => {
    expectError(() => encodeHeader([], new Map([['very_large_metadata', 'a'.repeat(100_000_000)]])), 'limit')
  })

  const dtypes: Dtype[] = ['BOOL', 'F4', 'F6_E3M2', 'F8_E4M3', 'U8', 'I16', 'F16', 'BF16', 'F32', 'C64', 'F64', 'U64']
  const specs = fc
    .uniqueArray(
      fc.record({
        name: fc.string({ unit: 'binary', maxLength: 12 }).filter((name) => name !== '__metadata__'),
        dtype: fc.constantFrom(...dtypes),
        // a factor of 8 keeps sub-byte elements aligned
        shape: fc.array(fc.nat({ max: 7 }), { maxLength: 6 }).map((shape) => [8, ...shape]),
      }),
      { selector: ({ name }) => name, maxLength: 8 },
    )
    .map((list) => list.sort(byAlignment))
  const metadataOf = fc
    .array(fc.tuple(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })), { maxLength: 4 })
    .map((pairs) => new Map(pairs))

  it('test_roundtrip and test_indexing, with every tensor aligned to its element', () => {
    fc.assert(
      fc.property(specs, metadataOf, (tensors, metadata) => {
        const bytes = encodeHeader(tensors, metadata)
        const size = tensors.reduce((sum, spec) => sum + tensorByteLength(spec), bytes.length)
        const header = parseHeader(bytes.subarray(8), size)
        expect(header.dataOffset % 8).toBe(0)
        expect([...header.metadata]).toEqual([...metadata])
        expect(Array.from(header.tensors, ([name, info]) => ({ name, dtype: info.dtype, shape: info.shape }))).toEqual(
          tensors.toSorted(
            (a, b) => (header.tensors.get(a.name)?.offset ?? 0) - (header.tensors.get(b.name)?.offset ?? 0),
          ),
        )
        for (const { name, dtype } of tensors) {
          const elementBytes = Math.ceil(tensorByteLength({ name, dtype, shape: [8] }) / 8)
          expect((header.tensors.get(name)?.offset ?? -1) % elementBytes).toBe(0)
        }
      }),
    )
  })
})

describe('fault 20: header length', () => {
  it.each([
    [0n, 'parse'],
    [1n, 'parse'],
    [1000n, 'parse'],
    [100_000_001n, 'limit'],
    [1n << 63n, 'limit'],
    [(1n << 64n) - 1n, 'limit'],
  ] as const)('%s is refused', (length, code) => {
    expectError(() => deserialize(file('{}', 0, length)), code)
  })

  it('allows exactly 100,000,000', () => {
    expect(readHeaderLength(file('{}', 0, 100_000_000n).subarray(0, 8), 100_000_008)).toBe(100_000_000)
  })

  it('a file shorter than eight bytes is refused', () => {
    for (let size = 0; size < 8; size += 1) expectError(() => deserialize(new Uint8Array(size)), 'parse')
  })
})

describe('fault 21: header text', () => {
  it.each([
    'null',
    '[]',
    '"x"',
    '{}x',
    '{}{}',
    '{"a"}',
    '{"a":}',
    '{,}',
    '{"a":1}',
    `{"a":${test22},}`,
    `{"a":${test22}`,
    `{'a':${test22}}`,
    '\ufeff{}',
    '{"a',
    '{"a\\',
    '{"a\nb":0}',
    '//\n{}',
  ])('%j is refused', (text) => {
    expectError(() => parseHeader(utf8(text), text.length + 24), 'parse')
  })

  it.each([
    ['nested objects', '{"a":'],
    ['nested lists', '['],
    ['nested in a shape', '{"a":{"shape":[', '['],
    ['nested in metadata', '{"__metadata__":{"a":', '{"a":'],
    ['one endless name', '{"', 'a'],
    ['one endless number', '{"a":{"shape":[', '1'],
    ['white space', '{', ' '],
  ])('99 MB of %s end in an error within 2 s', { retry: 2 }, (_, start, unit = start) => {
    const bytes = Buffer.alloc(99_000_000, unit)
    bytes.write(start)
    const time = cpuTime(() => {
      expect(['parse', 'limit']).toContain(errorOf(() => parseHeader(bytes, 200_000_000)).code)
    })
    expect(time).toBeLessThan(2000)
  })

  it.each([
    ['tensors on the same bytes', (index: number) => `"${index}":${tensor('U8', '', '0,1')},`],
    ['metadata entries', (index: number) => `"${index}":"",`],
  ])('99 MB of %s end in an error within 2 s', { retry: 2 }, (what, member) => {
    const start = what === 'metadata entries' ? '{"__metadata__":{' : '{'
    const members = Array.from({ length: 250_001 }, (_, index) => member(index)).join('')
    const bytes = Buffer.alloc(99_000_000, members)
    bytes.write(start + members)
    const time = cpuTime(() => expectError(() => parseHeader(bytes, 200_000_000), 'limit', /more than 250000/))
    expect(time).toBeLessThan(2000)
  })
})

describe('fault 22: data_offsets', () => {
  it.each([
    ['negative', '-4,0', 'parse'],
    ['reversed', '16,0', 'parse'],
    ['beyond the end', '0,17', 'parse'],
    ['a hole in front', '1,17', 'parse'],
    ['above 2^53', '0,9007199254740993', 'limit'],
    ['64 bit', '18446744073709551600,18446744073709551616', 'limit'],
    ['a float', '0,16.0', 'parse'],
    ['an exponent', '0,1e1', 'parse'],
    ['a leading zero', '0,016', 'parse'],
    ['negative zero', '-0,16', 'parse'],
    ['text', '"0",16', 'parse'],
    ['null', 'null,16', 'parse'],
    ['one number', '16', 'parse'],
    ['three numbers', '0,8,16', 'limit'],
    ['none', '', 'parse'],
  ] as const)('%s is refused, naming the tensor', (_, offsets, code) => {
    expectError(() => deserialize(file(`{"w":${tensor('I32', '2,2', offsets)}}`, 16)), code, /"w"/)
  })

  it('overlap is refused, naming the tensor', () => {
    const text = `{"a":${tensor('U8', '10', '0,10')},"b":${tensor('U8', '10', '5,15')}}`
    expectError(() => deserialize(file(text, 15)), 'parse', /"b"/, /overlaps/)
  })

  it('a hole between tensors is refused, naming the tensor behind it', () => {
    const text = `{"a":${tensor('U8', '4', '0,4')},"b":${tensor('U8', '4', '6,10')}}`
    expectError(() => deserialize(file(text, 10)), 'parse', /"b"/, /hole of 2 bytes/)
  })

  it('unsorted but complete is accepted, and listed in the order of the data', () => {
    const text = `{"z":${tensor('U8', '4', '6,10')},"a":${tensor('U8', '2', '4,6')},"m":${tensor('U8', '4', '0,4')}}`
    expect([...deserialize(file(text, 10)).tensors.keys()]).toEqual(['m', 'a', 'z'])
  })

  it('a file above 4 GB keeps exact offsets', () => {
    const size = 2 ** 40
    const text = utf8(`{"a":${tensor('U8', `${size}`, `0,${size}`)},"b":${tensor('U8', '3', `${size},${size + 3}`)}}`)
    const header = parseHeader(text, 8 + text.length + size + 3)
    expect(header.tensors.get('b')).toMatchObject({ offset: 8 + text.length + size, byteLength: 3 })
  })
})

describe('fault 23: shape and dtype', () => {
  it.each([
    ['a product above 2^53', 'F32', '4194305,4194305,4194305', 'limit'],
    ['a product that wraps to 4 in 64 bits', 'I8', '4194305,4194305,211106198978564', 'limit'],
    ['a product above 2^53 before a zero', 'I8', '4194305,4194305,211106198978564,0', 'limit'],
    ['a dimension above 2^53', 'F32', '9007199254740993', 'limit'],
    ['rank 200', 'F32', Array.from({ length: 200 }, () => 1).join(','), 'limit'],
    ['a negative dimension', 'F32', '-1,-4', 'parse'],
    ['a float', 'F32', '2.5', 'parse'],
    ['an unknown dtype', 'F17', '4', 'parse'],
    ['a dtype in lower case', 'f32', '4', 'parse'],
    ['a dtype named as a method', 'toString', '4', 'parse'],
    ['a sub-byte dtype that ends within a byte', 'F6_E2M3', '3', 'parse'],
    ['more elements than bytes', 'F32', '5', 'parse'],
    ['fewer elements than bytes', 'F32', '3', 'parse'],
  ] as const)('%s is refused, naming the tensor', (_, dtype, shape, code) => {
    expectError(() => deserialize(file(`{"w":${tensor(dtype, shape, '0,16')}}`, 16)), code, /"w"/)
  })

  it.each([
    '{"w":{"dtype":"F32","shape":[4]}}',
    '{"w":{"dtype":"F32","data_offsets":[0,16]}}',
    '{"w":{"shape":[4],"data_offsets":[0,16]}}',
    '{"w":{"dtype":1,"shape":[4],"data_offsets":[0,16]}}',
    '{"w":{"dtype":"F32","shape":4,"data_offsets":[0,16]}}',
    '{"w":{"dtype":"F32","shape":[[4]],"data_offsets":[0,16]}}',
    '{"w":{"dtype":"F32","shape":[4],"data_offsets":[0,16],"more":0}}',
    '{"w":null}',
  ])('%s is refused, naming the tensor', (text) => {
    expectError(() => deserialize(file(text, 16)), 'parse', /"w"/)
  })
})

describe('fault 24: names and metadata', () => {
  it('duplicate tensor names are refused, however they are written', () => {
    for (const second of ['w', '\\u0077']) {
      const text = `{"w":${tensor('U8', '4', '0,4')},"${second}":${tensor('U8', '4', '4,8')}}`
      expectError(() => deserialize(file(text, 8)), 'parse', /"w".*stands twice/)
    }
  })

  it('duplicate fields and metadata are refused', () => {
    const twice = '{"w":{"dtype":"U8","dtype":"I8","shape":[4],"data_offsets":[0,4]}}'
    expectError(() => deserialize(file(twice, 4)), 'parse', /"w"/, /twice/)
    expectError(() => deserialize(file('{"__metadata__":{"a":"1","a":"2"}}', 0)), 'parse', /"a".*stands twice/)
    expectError(() => deserialize(file('{"__metadata__":{},"__metadata__":{}}', 0)), 'parse', /stands twice/)
  })

  it('__proto__, constructor, an empty name and any Unicode are just names', () => {
    const names = ['__proto__', 'constructor', 'toString', '', '狐🦊', 'a\u0000b']
    const specs = names.map((name): TensorSpec => ({ name, dtype: 'U8', shape: [1] }))
    const bytes = encodeHeader(specs, new Map([['__proto__', 'x']]))
    const header = parseHeader(bytes.subarray(8), bytes.length + names.length)
    expect([...header.tensors.keys()]).toEqual(names)
    expect(header.metadata.get('__proto__')).toBe('x')
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  it.each(['1', 'null', '["x"]', '{"b":"c"}', 'true'])('metadata %s is refused: only text is allowed', (value) => {
    expectError(() => deserialize(file(`{"__metadata__":{"a":${value}}}`, 0)), 'parse', /"a".*expected a text/)
  })

  it('metadata that is no object is refused, null is none', () => {
    expectError(() => deserialize(file('{"__metadata__":"x"}', 0)), 'parse', /__metadata__/)
    expect(deserialize(file('{"__metadata__":null}', 0)).metadata.size).toBe(0)
  })

  it('half a surrogate pair is refused by reader and writer', () => {
    expectError(() => deserialize(file(`{"\\ud83e":${tensor('U8', '', '0,1')}}`, 1)), 'parse', /surrogate/)
    expect(errorOf(() => encodeHeader([{ name: '\ud83e', dtype: 'U8', shape: [] }], new Map())).code).toBe('range')
  })

  it('the writer refuses a second tensor of a name, and __metadata__ as a name', () => {
    const spec: TensorSpec = { name: 'w', dtype: 'U8', shape: [] }
    expect(errorOf(() => encodeHeader([spec, spec], new Map())).code).toBe('range')
    expect(errorOf(() => encodeHeader([{ ...spec, name: '__metadata__' }], new Map())).code).toBe('range')
  })
})

describe('fault 25: zero-size tensors', () => {
  it('may share an offset with others, and take no byte of theirs', () => {
    const text = `{"e1":${tensor('F32', '0', '4,4')},"b":${tensor('U8', '4', '4,8')},"e2":${tensor('F32', '3,0', '4,4')},"a":${tensor('U8', '4', '0,4')}}`
    const { tensors, dataOffset } = deserialize(file(text, 8))
    expect(tensors.get('e1')).toMatchObject({ offset: dataOffset + 4, byteLength: 0 })
    expect(tensors.get('e2')).toMatchObject({ offset: dataOffset + 4, byteLength: 0 })
    expect(tensors.get('b')).toMatchObject({ offset: dataOffset + 4, byteLength: 4 })
  })

  it('may not lie inside another tensor', () => {
    const text = `{"a":${tensor('U8', '8', '0,8')},"e":${tensor('F32', '0', '4,4')}}`
    expectError(() => deserialize(file(text, 8)), 'parse', /"e"/)
  })
})

describe('fuzz', () => {
  const onlyLoomErrors = (bytes: Uint8Array): void => {
    try {
      deserialize(bytes)
    } catch (error) {
      expect(error).toBeInstanceOf(LoomError)
    }
  }

  it('random bytes give nothing but LoomError', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), onlyLoomErrors), { numRuns: 2000 })
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => onlyLoomErrors(file(text, 4))),
      { numRuns: 2000 },
    )
  })

  it('a valid file with bytes changed gives a header that covers the file exactly, or LoomError', () => {
    const text = `{"__metadata__":{"a":"b\\n"},"a":${tensor('F16', '2,3', '0,12')},"b":${tensor('U8', '', '12,13')}}`
    const valid = file(text, 13)
    const change = fc.tuple(fc.nat({ max: valid.length - 1 }), fc.constantFrom(...utf8('0129{}[]",:\\ -.e\u0080')))
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = valid.slice()
        for (const [at, value] of changes) bytes[at] = value
        let header: SafetensorsHeader
        try {
          header = deserialize(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(LoomError)
          return
        }
        let end = header.dataOffset
        for (const { offset, byteLength } of header.tensors.values()) {
          expect(offset).toBe(end)
          end += byteLength
        }
        expect(end).toBe(bytes.length)
      }),
      { numRuns: 5000 },
    )
  })

  it('JSON that JSON.parse takes, of plain tensors, is read alike', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), fc.string({ unit: 'binary' }), (name, value) => {
        fc.pre(name !== '__metadata__')
        const json = { __metadata__: { [name]: value }, [name]: { dtype: 'U8', shape: [2], data_offsets: [0, 2] } }
        const header = deserialize(file(JSON.stringify(json, undefined, 1), 2))
        expect([...header.tensors.keys()]).toEqual([name])
        expect([...header.metadata]).toEqual([[name, value]])
      }),
    )
  })
})
