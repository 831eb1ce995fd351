import { existsSync, globSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, it } from 'vitest'
import { programFolder } from '#main/program.ts'

const folder = join(programFolder, 'test')
const rows = readFileSync(join(folder, 'FAULTS.md'), 'utf8').matchAll(/^\| (\d+) \|.*\| (.*) \|$/gm)
/** Number of a fault to the files that the list names for it. */
const listed = new Map(
  Array.from(rows, ([, number = '', tests = '']) => [
    Number(number),
    Array.from(tests.matchAll(/\]\((.*?)\)/g), ([, path = '']) => join(folder, path)),
  ]),
)

/** `fault 12`, `fault 45 and 46`, `fault 20 to 24` */
function numbersIn(text: string): number[] {
  return Array.from(text.matchAll(/\bfault (\d+)(?: (and|to) (\d+))?/gi), ([, first, joint, last]) => {
    const [from, to] = [Number(first), Number(last ?? first)]
    return joint === 'to' ? Array.from({ length: to - from + 1 }, (_, index) => from + index) : [from, to]
  }).flat()
}

it('numbers all faults, and names tests that are there', () => {
  expect([...listed.keys()]).toEqual(Array.from({ length: 64 }, (_, index) => index + 1))
  expect([...listed.values()].flat().filter((path) => !existsSync(path))).toEqual([])
})

it('names every test that names a fault', () => {
  const files = globSync('{src-core,src-main,src-renderer,nodes,test}/**/*.ts{,x}', { cwd: programFolder })
  const named = files.flatMap((file) => {
    const path = join(programFolder, file)
    return numbersIn(readFileSync(path, 'utf8')).map((fault) => ({ fault, path }))
  })
  expect(named.length).toBeGreaterThan(70)
  const missing = named.filter(({ fault, path }) => !listed.get(fault)?.includes(path) && path !== import.meta.filename)
  expect(missing.map(({ fault, path }) => `${fault}: ${relative(programFolder, path)}`)).toEqual([])
})
