import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { documentName, documentsIn, fileNameFor } from './documents.ts'

it('finds documents among arguments, and all else is none', () => {
  const folder = resolve('/home/mia')
  const umlaut = resolve('/home/mia/Ümlaut & co.loom.json')
  const args = ['.', '--no-sandbox', '--x=a.loom.json', 'a.json', 'fox.loom.json', '../B.LOOM.JSON']
  expect(documentsIn([...args, pathToFileURL(umlaut).href, 'file:///%ff.loom.json'], folder)).toEqual([
    resolve(folder, 'fox.loom.json'),
    resolve(folder, '../B.LOOM.JSON'),
    umlaut,
  ])
})

it('names files after documents and documents after files', () => {
  expect(fileNameFor('a/b: "c"')).toBe('a-b- -c-.loom.json')
  const files = ['/home/mia/Fox.LOOM.json', '/home/mia/Fox.json', '/home/mia/Fox', '/home/mia/.loom.json']
  expect(files.map(documentName)).toEqual(['Fox', 'Fox', 'Fox', ''])
})
