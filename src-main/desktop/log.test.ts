import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openLog } from './log.ts'

const newFolder = () => join(mkdtempSync(join(tmpdir(), 'log-')), 'logs')

it('keeps the newest lines in three files of a bounded size, over starts too', () => {
  const folder = newFolder()
  for (let start = 0; start < 10; start++) {
    const log = openLog(folder, 1000)
    for (let line = 0; line < 10; line++) log.write('server', `line ${start * 10 + line} ${'x'.repeat(60)}`)
  }
  const files = ['latent-loom.2.log', 'latent-loom.1.log', 'latent-loom.log']
  expect(readdirSync(folder).sort()).toEqual([...files].sort())
  for (const file of files) expect(statSync(join(folder, file)).size).toBeLessThanOrEqual(1000)
  const lines = files.flatMap((file) => readFileSync(join(folder, file), 'utf8').trimEnd().split('\n'))
  const numbers = lines.map((line) => Number(/^\S+Z server: line (\d+)/.exec(line)?.[1]))
  expect(numbers).toEqual(Array.from(numbers, (_, index) => 100 - numbers.length + index))
})

it('goes on when nothing can be written', () => {
  const log = openLog('/dev/null/logs')
  expect(() => log.write('window', 'text')).not.toThrow()
})
