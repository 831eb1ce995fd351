import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { fault, noFault } from '#test/failing-fs.ts'
import { temporaryFolder } from '#test/golden-networks.ts'
import { withPatience } from './drives.ts'
import { readRegularFile } from './regular-file.ts'

vi.mock('node:fs/promises', async (original) => {
  const { failingFs } = await import('#test/failing-fs.ts')
  return failingFs(await original<typeof import('node:fs/promises')>())
})

afterEach(noFault)

it.each(['realpath', 'stat', 'open', 'read', 'close'])(
  'no read waits for ever: of a drive that hangs at %s',
  async (call) => {
    const path = join(temporaryFolder(), 'fox.json')
    await writeFile(path, 'fox')
    Object.assign(fault, { code: 'hang', only: call, failAt: Number.POSITIVE_INFINITY })
    await withPatience(20, async () => {
      const reading = readRegularFile(path)
      // what was read is right, whether the file can be closed or not
      if (call === 'close') expect((await reading).toString()).toBe('fox')
      else await expect(reading).rejects.toMatchObject({ code: 'io', message: expect.stringMatching(/did not answer/) })
    })
  },
)
