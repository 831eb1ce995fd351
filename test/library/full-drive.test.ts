import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { parseWorkflow } from '#core/workflow/parse.ts'
import { fault, noFault } from '#test/failing-fs.ts'
import { failureOf, openLibrary, workflowText } from './library.ts'

vi.mock('node:fs/promises', async (original) => {
  const { failingFs } = await import('#test/failing-fs.ts')
  return failingFs(await original<typeof import('node:fs/promises')>())
})

afterEach(noFault)

const [one, two] = [workflowText('one.png'), workflowText('two.png')]

/** Lets every call fail in turn, until `save` meets no fault any more; gives how many failed. */
async function failEveryCall(code: string, save: () => Promise<unknown>, check: () => Promise<void>): Promise<number> {
  let failures = 0
  for (let failAt = 1; ; failAt++) {
    Object.assign(fault, { calls: 0, failAt, code })
    const result = await save().then(
      () => undefined,
      (error: unknown) => error,
    )
    const met = fault.calls >= failAt
    noFault()
    await check()
    if (result !== undefined) {
      failures++
      expect(await failureOf(Promise.reject(result))).toMatchObject({ code: 'io' })
    }
    if (!met) return failures
  }
}

describe.each(['ENOSPC', 'EROFS', 'EIO', 'EMFILE'])('fault 45: %s at every call', (code) => {
  it('leaves the old or the new document, and no rest of it', async () => {
    const { handlers, dataFolder } = await openLibrary()
    const { id } = await handlers.createDocument({ id: '', body: { name: 'fox', text: one, replace: false } })
    const folder = join(dataFolder, 'workflows')
    const texts = [one]
    let count = 2
    const failures = await failEveryCall(
      code,
      () => {
        const text = workflowText(`${count++}.png`)
        texts.push(text)
        return handlers.saveDocument({ id, body: { text, revision: null } })
      },
      async () => {
        expect(await readdir(folder)).toEqual(['fox.loom.json'])
        const now = await readFile(join(folder, 'fox.loom.json'), 'utf8')
        expect(texts.slice(-2)).toContain(now)
        // the next one fails against what is there
        texts.splice(0, texts.length, now)
        for (const name of await readdir(join(dataFolder, 'backups', id)).catch(() => [])) {
          parseWorkflow(await readFile(join(dataFolder, 'backups', id, name), 'utf8'))
        }
      },
    )
    // the old file is opened, read and closed; a backup and the new one are each written whole
    expect(failures).toBeGreaterThan(14)
  })

  it('leaves the old or the new draft', async () => {
    const { handlers } = await openLibrary()
    const put = (text: string) =>
      handlers.saveDraft({
        id: 'tab',
        body: { id: 'tab', title: '', text, unsaved: true, position: 0, page: 'page', base: null },
      })
    await put(one)
    const failures = await failEveryCall(
      code,
      () => put(two),
      async () => {
        const { drafts } = await handlers.listDrafts({ id: '', body: {} })
        expect(drafts).toHaveLength(1)
        expect([one, two]).toContain(drafts[0]?.text)
      },
    )
    expect(failures).toBeGreaterThan(5)
  })
})
