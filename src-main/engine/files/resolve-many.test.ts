import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { temporaryFolder } from '#test/golden-networks.ts'
import { fileFinder } from './resolve-file.ts'

const calls = vi.hoisted(() => ({ count: 0 }))

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>()
  const counted = ['opendir', 'readdir', 'realpath', 'readlink', 'stat', 'lstat'] as const
  const wrap =
    (name: (typeof counted)[number]) =>
    (...given: unknown[]) => {
      calls.count++
      return Reflect.apply(real[name], real, given)
    }
  return { ...real, ...Object.fromEntries(counted.map((name) => [name, wrap(name)])) }
})

it('looks for 49,000 missing names without looking at the drive for each', async () => {
  const root = temporaryFolder()
  for (let folder = 0; folder < 20; folder++) {
    await mkdir(join(root, `models-${folder}`))
    await writeFile(join(root, `models-${folder}`, `fox-${folder}.safetensors`), '')
  }
  const find = fileFinder({ folders: [temporaryFolder(), join(root, 'none')], models: [root], confined: true })
  calls.count = 0
  for (let index = 0; index < 49_000; index++) {
    const name = index % 2 ? `missing-${index}.safetensors` : `models-${index % 20}/missing-${index}.safetensors`
    await expect(find(name)).rejects.toMatchObject({ code: 'not-found' })
  }
  // each folder once, by path and by name
  expect(calls.count).toBeLessThan(200)
  // and what is there is still found
  expect(await find('fox-7.safetensors')).toBe(join(root, 'models-7', 'fox-7.safetensors'))
})
