import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { LoomError } from '#core/errors.ts'
import { keptToken } from '#main/server/access.ts'
import { takeDataFolder } from '#main/server/data-folder.ts'
import { fault, noFault } from '#test/failing-fs.ts'

vi.mock('node:fs/promises', async (original) => {
  const { failingFs } = await import('#test/failing-fs.ts')
  return failingFs(await original<typeof import('node:fs/promises')>())
})

afterEach(noFault)

async function start(data: string): Promise<void> {
  const folder = await takeDataFolder(data)
  try {
    await keptToken(data)
  } finally {
    folder.release()
  }
}

/** What a full, read-only or broken drive answers, and the sentence that tells it. */
const reasons = [
  ['ENOSPC', /the drive is full/],
  ['EDQUOT', /your share of the drive is used up/],
  ['EROFS', /the drive is read-only/],
  ['EACCES', /access is denied/],
  ['EIO', /the drive failed/],
  ['ENOTDIR', /no folder/],
] as const

describe.each(reasons)('%s while a server starts', (code, reason) => {
  it('is told with the system’s reason at every call, and the next start is as good as new', async () => {
    const data = join(mkdtempSync(join(tmpdir(), 'loom-full-')), 'data')
    let failures = 0
    for (let failAt = 1; ; failAt++) {
      Object.assign(fault, { calls: 0, failAt, code })
      const error = await start(data).catch((thrown: unknown) => thrown)
      const met = fault.calls >= failAt
      noFault()
      if (!met) break
      if (error === undefined) continue
      failures++
      if (!(error instanceof LoomError)) throw error
      expect([failAt, error.code]).toEqual([
        failAt,
        code === 'ENOTDIR' ? expect.stringMatching(/^(io|not-found)$/) : 'io',
      ])
      expect(error.message).toMatch(reason)
      expect(`${error.message} ${error.hint}`).not.toContain('fault of Latent Loom')
    }
    expect(failures).toBeGreaterThan(4)
    await start(data)
  })
})
