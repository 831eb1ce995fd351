import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { openKept } from './kept.ts'

const newFile = () => join(mkdtempSync(join(tmpdir(), 'kept-')), 'window.json')
const defaults = { places: {}, zoom: 0, theme: 'system', spelling: false, updates: 'unasked' }

it('remembers over a start, and leaves no other file', () => {
  const file = newFile()
  openKept(file).change({ zoom: 1.5 })
  openKept(file).change({ theme: 'light' })
  expect(openKept(file).state).toEqual({ ...defaults, zoom: 1.5, theme: 'light' })
  expect(readdirSync(dirname(file))).toEqual(['window.json'])
})

it.each(['', 'null', '{"zoom":', '[]'])('starts with its defaults on a damaged file: %j', (text) => {
  const file = newFile()
  writeFileSync(file, text)
  expect(openKept(file).state).toEqual(defaults)
})

it('drops only what is wrong', () => {
  const file = newFile()
  writeFileSync(file, JSON.stringify({ zoom: 99, theme: 'light', places: { a: 1 } }))
  expect(openKept(file).state).toEqual({ ...defaults, theme: 'light' })
})
