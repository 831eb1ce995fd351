import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { withPatience } from '#engine/files/drives.ts'
import { fileFinder } from '#engine/files/resolve-file.ts'
import { walkModels } from '#main/server/library/model-walk.ts'
import { openModels } from '#main/server/library/models.ts'
import { lostDrives, noFault } from '../failing-fs.ts'
import { temporaryFolder } from '../golden-networks.ts'
import { failureOf } from './library.ts'

vi.mock('node:fs/promises', async (original) => {
  const { failingFs } = await import('../failing-fs.ts')
  return failingFs(await original<typeof import('node:fs/promises')>())
})

afterEach(noFault)

const models = 40
/** Milliseconds: much more than a call takes on a loaded machine. */
const patience = 2_000

/** A model folder with many files, some of them in folders. */
function modelFolder(): string {
  const root = temporaryFolder()
  for (let index = 0; index < models; index++) {
    const path = join(root, index % 2 ? `folder-${index}` : '', `${index}.safetensors`)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, 'x')
  }
  return root
}

describe('a drive that does not answer', () => {
  it.each<[what: string, hangs: (root: string, other: string) => string, silent: string, found: number]>([
    ['the model folder', (root) => root, '', 0],
    ['a folder in it that is another drive', (root) => join(root, 'folder-1'), 'folder-1', models - 1],
    [
      'a link to a folder',
      (root, other) => {
        symlinkSync(other, join(root, 'linked'))
        return other
      },
      'linked',
      models,
    ],
    [
      'a link to a file',
      (root, other) => {
        symlinkSync(join(other, '0.safetensors'), join(root, 'linked.safetensors'))
        return other
      },
      'linked.safetensors',
      models,
    ],
  ])('is told by the walk, which goes on: %s', async (_, hangs, silent, found) => {
    const root = modelFolder()
    lostDrives.paths.add(hangs(root, modelFolder()))
    await withPatience(patience, async () => {
      const walk = await walkModels(root)
      expect(walk.silent.map((name) => name.replace(/\/$/, ''))).toContain(silent)
      expect(walk.models.length).toBeGreaterThanOrEqual(found)
      // one thread is lost, not one for each file
      expect(lostDrives.calls.length).toBeLessThanOrEqual(2)
    })
  })

  it('is not asked again until its first call returns, and does not hide the other folders', async () => {
    const [lost, well] = [modelFolder(), modelFolder()]
    lostDrives.paths.add(lost)
    const described = { kind: 'checkpoint', summary: 'x' } as const
    await withPatience(patience, async () => {
      const library = await openModels({
        roots: [lost, well],
        cacheFile: join(temporaryFolder(), 'models.json'),
        engine: { inspect: async () => ({}) },
        describe: async () => described,
      })
      for (let looks = 0; looks < 3; looks++) await library.handlers.refreshModels({ id: '', body: {} })
      const { files, folders } = await library.handlers.listModels({ id: '', body: {} })
      expect([files.length, folders.map(({ silent }) => silent)]).toEqual([models, ['', undefined]])
      expect(lostDrives.calls).toHaveLength(1)
      await library.close()
    })
  })

  it('loses no more threads than its readers may, however many folders hang', async () => {
    const folders = Array.from({ length: 20 }, modelFolder)
    for (const folder of folders) lostDrives.paths.add(folder)
    await withPatience(patience, async () => {
      const walks = await Promise.all(folders.map(walkModels))
      expect(walks.every(({ silent }) => silent.includes(''))).toBe(true)
      expect(lostDrives.calls).toHaveLength(6)
    })
  })

  it('ends the search for a file with its name, and another folder is searched before', async () => {
    const [lost, well] = [modelFolder(), modelFolder()]
    lostDrives.paths.add(lost)
    await withPatience(patience, async () => {
      const find = fileFinder({ folders: [], models: [lost, well] })
      expect(await find('0.safetensors')).toBe(join(well, '0.safetensors'))
      expect(await failureOf(find('nowhere.safetensors'))).toMatchObject({
        code: 'io',
        message: expect.stringMatching(/^Cannot read .*: its drive did not answer/),
      })
      expect(lostDrives.calls.length).toBeLessThanOrEqual(2)
    })
  })
})
