import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LoomError } from '#core/errors.ts'
import { fault, noFault } from '#test/failing-fs.ts'
import { createFileAtomic, writeFileAtomic } from './atomic.ts'
import { checkSubfolder } from './make-folder.ts'
import { writeNumberedFile } from './numbered-file.ts'

vi.mock('node:fs/promises', async (original) => {
  const { failingFs } = await import('#test/failing-fs.ts')
  return failingFs(await original<typeof import('node:fs/promises')>())
})

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loom-atomic-'))
})
afterEach(async () => {
  noFault()
  vi.unstubAllGlobals()
  await rm(folder, { recursive: true })
})
const at = (name: string): string => join(folder, name)

async function errorOf(promise: Promise<unknown>): Promise<LoomError | undefined> {
  try {
    await promise
    return undefined
  } catch (error) {
    if (error instanceof LoomError) return error
    throw error
  }
}

/** Runs `save` with a fault in the first call, then in the second, and so on, until it meets no fault. */
async function failEveryCall(code: string, save: () => Promise<unknown>, check: () => Promise<void>): Promise<number> {
  for (let failAt = 1; ; failAt += 1) {
    Object.assign(fault, { calls: 0, failAt, code })
    const error = await errorOf(save())
    fault.code = ''
    if (error === undefined) return failAt - 1
    expect(error.message).toMatch(/Cannot write/)
    expect(error.hint).toBeTruthy()
    await check()
  }
}

describe('writeFileAtomic', () => {
  it('writes and replaces, keeps the rights, and leaves nothing else', async () => {
    await writeFileAtomic(at('a.json'), 'one')
    await chmod(at('a.json'), 0o640)
    await writeFileAtomic(at('a.json'), new TextEncoder().encode('two'))
    expect(await readFile(at('a.json'), 'utf8')).toBe('two')
    if (process.platform !== 'win32') expect((await stat(at('a.json'))).mode & 0o777).toBe(0o640)
    expect(await readdir(folder)).toEqual(['a.json'])
  })

  it('replaces what a link points to, not the link', async () => {
    await mkdir(at('real'))
    await writeFile(at('real/a'), 'one')
    await symlink('real/a', at('link'))
    await writeFileAtomic(at('link'), 'two')
    expect(await readFile(at('real/a'), 'utf8')).toBe('two')
    expect(await readdir(at('real'))).toEqual(['a'])
  })

  it.each([
    ['ENOSPC', /drive is full/],
    ['EACCES', /denied/],
    ['EROFS', /read-only/],
    ['EIO', /drive failed/],
    ['EMFILE', /too many files/],
  ])('fault 45 and 46: %s at every call leaves the old or the new file and nothing else', async (code, says) => {
    await writeFile(at('a'), 'old')
    const calls = await failEveryCall(
      code,
      async () => {
        await writeFileAtomic(at('a'), 'new').catch((error: unknown) => {
          expect(String(error)).toMatch(says)
          throw error
        })
      },
      async () => {
        expect(['old', 'new']).toContain(await readFile(at('a'), 'utf8'))
        expect(await readdir(folder)).toEqual(['a'])
      },
    )
    expect(calls).toBeGreaterThanOrEqual(7)
    expect(await readFile(at('a'), 'utf8')).toBe('new')
  })

  it('a missing folder, and a folder in the place of the file, are refused', async () => {
    expect((await errorOf(writeFileAtomic(at('none/a'), 'x')))?.code).toBe('not-found')
    await mkdir(at('dir'))
    expect((await errorOf(writeFileAtomic(at('dir'), 'x')))?.code).toBe('io')
    expect(await readdir(folder)).toEqual(['dir'])
  })

  it('waits on Windows until the scanner lets go of the file, elsewhere it does not wait', async () => {
    await writeFile(at('a'), 'old')
    const platform = process.platform
    for (const code of ['EPERM', 'EACCES', 'EBUSY']) {
      Object.assign(fault, { calls: 0, failAt: 3, code, only: 'rename' })
      Object.defineProperty(process, 'platform', { value: 'win32' })
      try {
        await writeFileAtomic(at('a'), code)
      } finally {
        Object.defineProperty(process, 'platform', { value: platform })
      }
      expect(fault.calls).toBe(4)
      expect(await readFile(at('a'), 'utf8')).toBe(code)
    }
    Object.assign(fault, { calls: 0, failAt: 3, code: 'EPERM', only: 'rename' })
    if (platform !== 'win32') expect((await errorOf(writeFileAtomic(at('a'), 'x')))?.code).toBe('io')
  })

  it.skipIf(process.platform === 'win32')(
    'fault 47: killed at random, the file is one revision or the next',
    async () => {
      const script = `
      import { writeFileAtomic } from '#engine/files/atomic.ts'
      for (let revision = 1; ; revision += 1) {
        await writeFileAtomic(process.argv[1], JSON.stringify({ revision, fill: 'x'.repeat(20000) }))
        if (revision === Number(process.argv[2])) process.stdout.write('there')
      }`
      let last = 0
      for (let kill = 0; kill < 8; kill += 1) {
        const first = String(1 + (kill % 2))
        const child = spawn(process.execPath, ['--input-type=module', '--eval', script, at('doc.json'), first])
        await once(child.stdout, 'data')
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 60))
        child.kill('SIGKILL')
        await once(child, 'exit')
        const { revision, fill } = JSON.parse(await readFile(at('doc.json'), 'utf8'))
        expect(fill.length).toBe(20_000)
        last = Math.max(last, revision)
      }
      expect(last).toBeGreaterThan(1)
    },
  )
})

describe('createFileAtomic', () => {
  it.each(['with', 'without'])('%s hard links, takes a name once and covers nothing', async (links) => {
    if (links === 'without') Object.assign(fault, { failAt: Number.POSITIVE_INFINITY, code: 'EPERM', only: 'link' })
    const texts = Array.from({ length: 9 }, (_, index) => `text ${index}`)
    const results = await Promise.allSettled(texts.map((text) => createFileAtomic(at('a'), text)))
    const kept = texts.filter((_, index) => results[index]?.status === 'fulfilled')
    expect(kept).toEqual([await readFile(at('a'), 'utf8')])
    expect((await errorOf(createFileAtomic(at('a'), 'x')))?.code).toBe('conflict')
    expect(await readdir(folder)).toEqual(['a'])
  })

  it.each(['ENOSPC', 'EIO'])('fault 45: %s at every call leaves the whole file or none', async (code) => {
    await failEveryCall(
      code,
      async () => {
        await rm(at('a'), { force: true })
        await createFileAtomic(at('a'), 'new')
      },
      async () => {
        const there = await readdir(folder)
        expect(there.length === 0 || (await readFile(at('a'), 'utf8')) === 'new').toBe(true)
      },
    )
  })
})

describe('writeNumberedFile', () => {
  const bytes = Uint8Array.of(1, 2, 3)

  it('counts on behind the highest number, whatever the extension, and makes the folder', async () => {
    const out = at('out/pictures')
    expect(await writeNumberedFile(out, 'fox', 'png', bytes)).toBe(join(out, 'fox-00001.png'))
    expect(await writeNumberedFile(out, 'fox', 'png', bytes)).toBe(join(out, 'fox-00002.png'))
    await writeFile(join(out, 'FOX-00041.jpg'), '')
    await writeFile(join(out, 'fox-red-00100.png'), '')
    await writeFile(join(out, 'fox-9.png'), '')
    expect(await writeNumberedFile(out, 'fox', 'png', bytes)).toBe(join(out, 'fox-00042.png'))
    await writeFile(join(out, 'fox-99999.png'), '')
    expect(await writeNumberedFile(out, 'fox', 'png', bytes)).toBe(join(out, 'fox-100000.png'))
    expect([...(await readFile(join(out, 'fox-00042.png')))]).toEqual([...bytes])
  })

  it('40 at once get 40 names', async () => {
    const paths = await Promise.all(Array.from({ length: 40 }, () => writeNumberedFile(folder, 'a', 'png', bytes)))
    expect(new Set(paths).size).toBe(40)
    expect((await readdir(folder)).length).toBe(40)
  })

  it('works where there are no hard links', async () => {
    Object.assign(fault, { failAt: Number.POSITIVE_INFINITY, code: 'EPERM', only: 'link' })
    const paths = await Promise.all(Array.from({ length: 9 }, () => writeNumberedFile(folder, 'a', 'png', bytes)))
    expect(new Set(paths).size).toBe(9)
    for (const name of await readdir(folder)) expect([...(await readFile(at(name)))]).toEqual([...bytes])
  })

  it('fault 9: no prefix leaves the folder, and `/` makes a subfolder', async () => {
    const names: Record<string, string> = {
      '../../x': 'x-00001.png',
      '..\\x': '_x-00001.png',
      '/etc/x': 'etc/x-00001.png',
      'a/../../b/./x': 'a/b/x-00001.png',
      'a//b/': 'a/b/untitled-00001.png',
      'C:/con/nul.txt': 'C_/_con/_nul.txt-00001.png',
      'C:\\x': 'C_x-00001.png',
      '~/.ssh/x': '~/ssh/x-00001.png',
      CON: '_CON-00001.png',
      '..': 'untitled-00001.png',
      'x\0y/z': 'x_y/z-00001.png',
      'gpj.\u202e': 'gpj._-00001.png',
      ['f/'.repeat(3000)]: `${'f/'.repeat(8)}${'f_'.repeat(99)}f-00001.png`,
    }
    for (const [prefix, name] of Object.entries(names)) {
      expect(await writeNumberedFile(at('out'), prefix, 'png', bytes)).toBe(join(at('out'), name))
    }
    expect(await readdir(folder)).toEqual(['out'])
  })

  it('a link in the output folder is followed inside of it, never out of it', async () => {
    await mkdir(at('out/inside'), { recursive: true })
    await mkdir(at('elsewhere'))
    await symlink(at('out/inside'), at('out/to-inside'))
    await symlink(at('elsewhere'), at('out/to-elsewhere'))
    await symlink(at('out'), at('pictures'))
    expect(await writeNumberedFile(at('pictures'), 'to-inside/a', 'png', bytes)).toBe(
      at('pictures/to-inside/a-00001.png'),
    )
    for (const prefix of ['to-elsewhere/a', 'to-elsewhere/new/a']) {
      const error = await errorOf(writeNumberedFile(at('pictures'), prefix, 'png', bytes))
      expect(error).toMatchObject({ code: 'io', message: expect.stringMatching(/leads out of/) })
    }
    await expect(checkSubfolder(at('pictures'), ['to-elsewhere'])).rejects.toThrow(/leads out of/)
    expect(await readdir(at('elsewhere'))).toEqual([])
  })

  it('a file where a subfolder should be is named', async () => {
    await writeFile(at('a'), '')
    expect(await errorOf(writeNumberedFile(folder, 'a/b', 'png', bytes))).toMatchObject({
      code: 'io',
      message: `Cannot write into ${at('a')}: a file of this name is there.`,
    })
    await expect(checkSubfolder(folder, ['a', 'b'])).rejects.toMatchObject({ code: 'EEXIST' })
    await checkSubfolder(folder, ['new', 'folder'])
    expect(await readdir(folder)).toEqual(['a'])
  })

  it.each(['ENOSPC', 'EROFS', 'EIO'])('fault 45: %s at every call leaves a whole picture or none', async (code) => {
    await failEveryCall(
      code,
      () => writeNumberedFile(at('out'), 'a', 'png', bytes),
      async () => {
        for (const name of await readdir(at('out')).catch(() => [])) {
          expect(name).toMatch(/^a-\d{5}\.png$/)
          expect([...(await readFile(at(`out/${name}`)))]).toEqual([...bytes])
        }
      },
    )
  })
})
