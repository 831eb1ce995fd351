import type Koffi from 'koffi'
import { expect, test } from 'vitest'
import { openApi } from './api.ts'
import { apiTable } from './api-table.ts'

/** A koffi whose library says that it is this version, and knows that table or none. */
function libraryOf(version: string, table: bigint | null) {
  const functions = new Map<bigint, (...given: unknown[]) => unknown>([
    [8n, () => version],
    [0n, () => table],
  ])
  return {
    config: () => ({}),
    load: () => ({ func: () => () => 0n }),
    proto: () => 'prototype',
    decode: (from: bigint, at: number | string) =>
      typeof at === 'number' ? from + BigInt(at) : (functions.get(from) ?? (() => null)),
  } as unknown as typeof Koffi
}

const library = { path: 'library', companions: [] }

test.each([
  ['of an older version', libraryOf('1.21.3', 4096n), /1\.21\.3 was found/],
  ['of another generation', libraryOf('2.0.0', 4096n), /2\.0\.0 was found/],
  ['of no version', libraryOf('nightly', 4096n), /nightly was found/],
  ['that does not know the version of the table', libraryOf('1.30.0', null), /does not know version 22/],
  ['whose functions are others', libraryOf('1.30.0', 4096n), /has another C API/],
])('a library %s is refused', (_, koffi, says) => {
  expect(() => openApi(koffi, library)).toThrow(says)
})

test('every function has a place of its own', () => {
  const places = Object.values(apiTable).map(({ index }) => index)
  expect(places).toEqual([...new Set(places)].sort((a, b) => a - b))
})
