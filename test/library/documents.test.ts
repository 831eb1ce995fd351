import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { failureOf, hostileIds, type OpenedLibrary, openLibrary, workflowText } from './library.ts'

const [one, two, three] = [workflowText('one.png'), workflowText('two.png'), workflowText('three.png')]

const create = ({ handlers }: OpenedLibrary, name: string, text = one, replace = false) =>
  handlers.createDocument({ id: '', body: { name, text, replace } })
const save = ({ handlers }: OpenedLibrary, id: string, text: string, revision: string | null) =>
  handlers.saveDocument({ id, body: { text, revision } })
const open = ({ handlers }: OpenedLibrary, id: string) => handlers.openDocument({ id, body: {} })
const list = ({ handlers }: OpenedLibrary) => handlers.listDocuments({ id: '', body: {} })
const workflows = ({ dataFolder }: OpenedLibrary) => join(dataFolder, 'workflows')

describe('documents', () => {
  it('are created, listed, opened, saved and deleted', async () => {
    const library = await openLibrary()
    const { id, revision, name, place } = await create(library, 'Fox, four steps')
    expect({ name, place }).toEqual({ name: 'Fox, four steps', place: 'workflows' })
    expect((await list(library)).documents.map((document) => document.id)).toEqual([id])

    const saved = await save(library, id, two, revision)
    expect(saved.revision).not.toBe(revision)
    expect((await open(library, id)).text).toBe(two)
    expect(await readFile(join(workflows(library), 'Fox, four steps.loom.json'), 'utf8')).toBe(two)

    await library.handlers.deleteDocument({ id, body: {} })
    expect(await readdir(workflows(library))).toEqual([])
    expect((await failureOf(open(library, id))).code).toBe('not-found')
    expect((await failureOf(library.handlers.deleteDocument({ id, body: {} }))).code).toBe('not-found')
  })

  it('fault 52: a file that somebody else changed or deleted is not covered unseen', async () => {
    const library = await openLibrary()
    const { id, revision } = await create(library, 'fox')
    const path = join(workflows(library), 'fox.loom.json')

    await writeFile(path, three)
    const { code, hint } = await failureOf(save(library, id, two, revision))
    expect(code).toBe('conflict')
    expect(hint).toBeTruthy()
    expect(await readFile(path, 'utf8')).toBe(three)

    await rm(path)
    expect((await failureOf(save(library, id, two, revision))).code).toBe('conflict')
    expect(await readdir(workflows(library))).toEqual([])

    await save(library, id, two, null)
    expect(await readFile(path, 'utf8')).toBe(two)
  })

  it('fault 52: of two servers on one folder the second to save is told', async () => {
    const first = await openLibrary()
    const second = await openLibrary({ dataFolder: first.dataFolder })
    const { id, revision } = await create(first, 'fox')
    await list(second)
    await save(second, id, two, revision)
    expect((await failureOf(save(first, id, three, revision))).code).toBe('conflict')
  })

  it('of saves at once with one revision, one wins', async () => {
    const library = await openLibrary()
    const { id, revision } = await create(library, 'fox')
    const results = await Promise.allSettled([two, three].map((text) => save(library, id, text, revision)))
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  it('keep the last ten versions before, also of what was overwritten or deleted', async () => {
    const library = await openLibrary()
    let { id, revision } = await create(library, 'fox', workflowText('0'))
    for (let count = 1; count <= 12; count++) {
      revision = (await save(library, id, workflowText(String(count)), revision)).revision
    }
    // saving what is there already is no new version
    await save(library, id, workflowText('12'), revision)
    await library.handlers.deleteDocument({ id, body: {} })
    const folder = join(library.dataFolder, 'backups', id)
    const kept = (await readdir(folder)).sort()
    const texts = await Promise.all(kept.map((name) => readFile(join(folder, name), 'utf8')))
    expect(texts).toEqual(Array.from({ length: 10 }, (_, index) => workflowText(String(index + 3))))
  })

  it('have names that stay in the folder, and no two that differ in case alone', async () => {
    const library = await openLibrary()
    for (const name of ['../../x', '..\\x', '/etc/x', 'CON', 'a:b', '..', 'x\0y', 'fox.loom.json', 'x'.repeat(190)]) {
      expect((await create(library, name)).place).toBe('workflows')
    }
    expect(await readdir(library.dataFolder)).not.toContain('x.loom.json')
    expect((await readdir(workflows(library))).every((name) => name.endsWith('.loom.json'))).toBe(true)

    const { code } = await failureOf(create(library, 'FOX', two))
    expect(code).toBe('conflict')
    const { name, text } = await create(library, 'FOX', two, true)
    expect({ name, text }).toEqual({ name: 'fox', text: two })
  })

  it('that are no workflow are not saved, and nothing is lost', async () => {
    const library = await openLibrary()
    const { id, revision } = await create(library, 'fox')
    for (const text of ['', '{', '{}', '[]', '{"format":"latent-loom","version":99,"nodes":{}}']) {
      await failureOf(save(library, id, text, revision))
      await failureOf(create(library, 'other', text))
    }
    expect((await open(library, id)).revision).toBe(revision)
    expect(await readdir(workflows(library))).toEqual(['fox.loom.json'])
  })

  it('fault 38: ids lead nowhere, and links in the folder are no documents', async () => {
    const library = await openLibrary()
    await writeFile(join(library.dataFolder, 'secret.json'), one)
    await symlink(join(library.dataFolder, 'secret.json'), join(workflows(library), 'link.loom.json'))
    expect((await list(library)).documents).toEqual([])
    expect((await failureOf(create(library, 'link', two, true))).code).toBe('conflict')
    expect(await readFile(join(library.dataFolder, 'secret.json'), 'utf8')).toBe(one)
    for (const id of hostileIds) {
      expect((await failureOf(open(library, id))).code).toBe('not-found')
      expect((await failureOf(save(library, id, two, null))).code).toBe('not-found')
      expect((await failureOf(library.handlers.deleteDocument({ id, body: {} }))).code).toBe('not-found')
    }
  })

  it('may lie elsewhere, and keep their ids over restarts', async () => {
    const library = await openLibrary()
    const folder = join(library.dataFolder, 'elsewhere')
    await mkdir(folder)
    await writeFile(join(folder, 'fox.loom.json'), one)
    const id = await library.addDocument(join(folder, 'fox.loom.json'))
    const { id: inside } = await create(library, 'owl')
    expect(library.jobFolders(id).folders[0]).toBe(folder)

    const after = await openLibrary({ dataFolder: library.dataFolder })
    expect((await open(after, id)).text).toBe(one)
    const { documents, recent } = await list(after)
    expect(documents.map(({ name }) => name)).toEqual(['fox', 'owl'])
    expect(recent).toEqual([id, inside])
  })

  it('are not made of files that are none', async () => {
    const library = await openLibrary()
    await writeFile(join(library.dataFolder, 'picture.png'), one)
    expect((await failureOf(library.addDocument(join(library.dataFolder, 'picture.png')))).code).toBe('unsupported')
    expect((await failureOf(library.addDocument(join(library.dataFolder, 'none.json')))).code).toBe('not-found')
    expect((await failureOf(library.addDocument(library.dataFolder))).code).toBe('unsupported')
  })

  it('fault 50: a damaged list is set aside, and the folder still counts', async () => {
    const library = await openLibrary()
    const { id } = await create(library, 'fox')
    await writeFile(join(library.dataFolder, 'documents.json'), '{"documents": [')
    const after = await openLibrary({ dataFolder: library.dataFolder })
    expect((await open(after, id)).text).toBe(one)
    expect((await readdir(library.dataFolder)).filter((name) => name.endsWith('.damaged'))).toHaveLength(1)
  })
})

describe('drafts', () => {
  const draft = (id: string, text = one) => ({ id, title: id, text, unsaved: true, position: 0 })
  const put = ({ handlers }: OpenedLibrary, id: string, text?: string, base: string | null = null, page?: string) =>
    handlers.saveDraft({ id, body: { ...draft(id, text), base, ...(page !== undefined && { page }) } })
  const drafts = async ({ handlers }: OpenedLibrary) => (await handlers.listDrafts({ id: '', body: {} })).drafts

  it('are kept by tab, whatever its key, and survive a restart', async () => {
    const library = await openLibrary()
    for (const id of ['tab-1', '../../tab', '__proto__']) await put(library, id)
    const [stored] = (await drafts(library)).filter(({ id }) => id === 'tab-1')
    await put(library, 'tab-1', two, stored?.revision)
    const after = await openLibrary({ dataFolder: library.dataFolder })
    expect((await drafts(after)).map(({ id, text }) => [id, text]).sort()).toEqual([
      ['../../tab', one],
      ['__proto__', one],
      ['tab-1', two],
    ])
    await after.handlers.deleteDraft({ id: 'tab-1', body: {} })
    expect(await drafts(after)).toHaveLength(2)
    expect((await failureOf(after.handlers.deleteDraft({ id: 'tab-1', body: {} }))).code).toBe('not-found')
    expect(await readdir(join(library.dataFolder, 'drafts'))).toHaveLength(2)
  })

  it('never touch the saved file, nor the draft of another tab', async () => {
    const library = await openLibrary()
    const { id, revision } = await create(library, 'fox')
    const file = { id, revision }
    await library.handlers.saveDraft({ id: 'tab', body: { ...draft('tab', two), file, base: null } })
    expect((await open(library, id)).text).toBe(one)
    expect(await drafts(library)).toMatchObject([{ ...draft('tab', two), file }])
    expect(
      (await failureOf(library.handlers.saveDraft({ id: 'other', body: { ...draft('tab'), base: null } }))).code,
    ).toBe('range')
  })

  it('two browsers on one document: no text is covered that its page has not seen', async () => {
    const library = await openLibrary()
    const told: unknown[] = []
    library.onDraft((change) => told.push(change))
    const { revision: first } = await put(library, 'tab', one, null, 'a')
    const { revision: second } = await put(library, 'tab', two, first, 'b')
    expect(second).not.toBe(first)
    for (const base of [null, first]) {
      expect((await failureOf(put(library, 'tab', three, base, 'a'))).code).toBe('conflict')
    }
    expect((await drafts(library)).map(({ text, page }) => [text, page])).toEqual([[two, 'b']])
    // the same text covers nothing, and a page that closes may overtake itself
    expect((await put(library, 'tab', two, null, 'a')).revision).toBe(second)
    await put(library, 'tab', three, null, 'a')
    expect((await put(library, 'tab', one, first, 'a')).revision).toBe(first)
    const third = (await put(library, 'other', three)).revision
    const changes = [
      ['a', first],
      ['b', second],
      ['a', second],
      ['a', third],
      ['a', first],
    ]
    expect(told.slice(0, -1)).toEqual(
      changes.map(([page, revision]) => ({ type: 'draft', tab: 'tab', page, revision })),
    )
  })

  it('two browsers on one document: closing it in one deletes nothing that the other has edited', async () => {
    const library = await openLibrary()
    const told: unknown[] = []
    const { revision: first } = await put(library, 'tab', one, null, 'a')
    const { revision: second } = await put(library, 'tab', two, first, 'b')
    library.onDraft((change) => told.push(change))
    const close = (base: string, page: string) => library.handlers.deleteDraft({ id: 'tab', body: { base, page } })
    expect((await failureOf(close(first, 'a'))).code).toBe('conflict')
    expect(await drafts(library)).toHaveLength(1)
    await close(second, 'a')
    expect(await drafts(library)).toEqual([])
    expect(told).toEqual([{ type: 'draft', tab: 'tab', page: 'a', revision: null }])
    // whoever still has it open keeps it again
    expect((await put(library, 'tab', two, second, 'b')).revision).toBe(second)
  })

  it('fault 50: damaged ones are set aside, whole ones are listed', async () => {
    const library = await openLibrary()
    await put(library, 'tab-1')
    await put(library, 'tab-2')
    const folder = join(library.dataFolder, 'drafts')
    const names = await readdir(folder)
    await writeFile(join(folder, names[0] ?? ''), '{"id": "tab')
    await writeFile(join(folder, `${'0'.repeat(32)}.json`), JSON.stringify(draft('tab-9')))
    expect(await drafts(library)).toHaveLength(1)
    const damaged = (await readdir(folder)).filter((name) => name.endsWith('.damaged'))
    expect(await Promise.all(damaged.map((name) => readFile(join(folder, name), 'utf8')))).toEqual(['{"id": "tab'])
  })

  it('have an end', async () => {
    const library = await openLibrary()
    expect((await failureOf(put(library, 'tab', ' '.repeat(64 * 2 ** 20 + 1)))).code).toBe('limit')
    expect(await drafts(library)).toEqual([])
  })
})
