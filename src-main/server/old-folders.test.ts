import { existsSync, mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '#test/golden-networks.ts'
import { removeOldFolders } from './old-folders.ts'

/** Two days before now, in seconds. */
const old = Date.now() / 1000 - 2 * 86_400

/** Makes a folder in a folder for temporary files, as old as said. */
function make(name: string, files: Readonly<Record<string, string>>, age = old): string {
  const folder = join(temporaryFolder(), name)
  mkdirSync(folder)
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    utimesSync(join(folder, entry), age, age)
  utimesSync(folder, age, age)
  return folder
}

const owner = (pid: number) => JSON.stringify({ pid, started: '2026-01-01T00:00:00.000Z' })
/** Larger than the number of any process. */
const nobody = 2 ** 30

it.each<[what: string, folder: () => string]>([
  ['of pictures that were only shown', () => make('latent-loom-aB3x9Z', { 'latent-loom-00001.png': '' })],
  [
    'of such pictures in subfolders',
    () => make('latent-loom-aB3x9Z', { 'foxes/fox-00001.png': '', '.latent-loom-1.tmp': '' }),
  ],
  ['that is empty', () => make('latent-loom-aB3x9Z', {})],
  ['of the scripts that draw templates', () => make('latent-loom-templates-aB3x9Z', { 'a.png': '' })],
  [
    'of a whole server',
    () => make('loom-server-aB3x9Z', { token: '', 'documents.json': '', 'cache/models.json': '{}' }),
  ],
  ['of a server that has ended', () => make('loom-server-aB3x9Z', { 'server.json': owner(nobody), token: '' })],
])('an old folder %s is removed', async (_, folder) => {
  const path = folder()
  await removeOldFolders(dirname(path))
  expect(existsSync(path)).toBe(false)
})

it.each<[what: string, folder: () => string]>([
  ['somebody wrote to within a day', () => make('latent-loom-aB3x9Z', { 'a.png': '' }, Date.now() / 1000 - 3600)],
  [
    'somebody wrote a file in within a day',
    () => {
      const path = make('latent-loom-aB3x9Z', { 'a/b.png': '' })
      utimesSync(join(path, 'a/b.png'), new Date(), new Date())
      return path
    },
  ],
  ['holds something else', () => make('latent-loom-aB3x9Z', { 'a.png': '', 'thesis.txt': '' })],
  ['holds something else in a folder', () => make('latent-loom-aB3x9Z', { 'a/thesis.txt': '' })],
  ['holds more than a data folder', () => make('loom-server-aB3x9Z', { token: '', 'thesis.txt': '' })],
  ['belongs to a server that lives', () => make('loom-server-aB3x9Z', { 'server.json': owner(process.pid) })],
  ['is the folder of running tests', () => make('latent-loom-tests-aB3x9Z', { 'a.png': '' })],
  ['has a longer name', () => make('latent-loom-aB3x9Zz', { 'a.png': '' })],
  ['has the name of something else', () => make('my-latent-loom-aB3x9Z', { 'a.png': '' })],
  [
    'holds a link to something else',
    () => {
      const path = make('latent-loom-aB3x9Z', {})
      symlinkSync(temporaryFolder(), join(path, 'a.png'))
      utimesSync(path, old, old)
      return path
    },
  ],
  [
    'is a link',
    () => {
      const path = join(temporaryFolder(), 'latent-loom-aB3x9Z')
      symlinkSync(make('pictures', { 'a.png': '' }), path)
      return path
    },
  ],
])('a folder that %s stays', async (_, folder) => {
  const path = folder()
  await removeOldFolders(dirname(path))
  expect(existsSync(path)).toBe(true)
})
