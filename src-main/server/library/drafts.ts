import { createHash } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { LoomError } from '#core/errors.ts'
import type { DraftMessage } from '#core/protocol/jobs.ts'
import { draft, type StoredDraft } from '#core/protocol/routes.ts'
import { maxDocumentBytes } from '#core/workflow/document.ts'
import { writeFileAtomic } from '#engine/files/atomic.ts'
import { makeFolder } from '#engine/files/make-folder.ts'
import { osError } from '#engine/files/os-error.ts'
import type { Handlers } from '../handlers.ts'
import { idOf, unknownId } from './ids.ts'
import { inTurn } from './in-turn.ts'
import { readJsonFile } from './json-file.ts'

/** Drafts at most: far more tabs than a person opens. */
const maxDrafts = 500

export interface Drafts {
  readonly handlers: Handlers<'listDrafts' | 'saveDraft' | 'deleteDraft'>
  /** Calls `listener` when a page has saved or deleted a draft. */
  onChange(listener: (change: DraftMessage) => void): void
}

/**
 * Unsaved work, one file per tab, named by a hash of the tab's key. Damaged files are set aside; saved documents are never
 * touched. A draft never covers a text that its page has not seen.
 */
export async function openDrafts(folder: string): Promise<Drafts> {
  await makeFolder(folder)
  const takeTurn = inTurn()
  const fileOf = (id: string): string => join(folder, `${idOf(id)}.json`)
  let tell: (change: DraftMessage) => void = () => {}

  const files = async (): Promise<string[]> =>
    (await readdir(folder).catch(() => [])).filter((name) => /^[0-9a-f]{32}\.json$/.test(name))

  async function readDraft(path: string): Promise<StoredDraft | undefined> {
    const found = await readJsonFile(path, draft)
    // that tab would overwrite a draft under its name
    return found && fileOf(found.id) === path ? { ...found, revision: revisionOf(found.text) } : undefined
  }

  return {
    onChange(listener) {
      tell = listener
    },
    handlers: {
      async listDrafts() {
        const drafts = await Promise.all((await files()).map((name) => readDraft(join(folder, name))))
        return { drafts: drafts.flatMap((found) => found ?? []).sort((a, b) => a.position - b.position) }
      },
      saveDraft: ({ id, body: { base, ...body } }) =>
        takeTurn(id, async () => {
          if (body.id !== id) throw new LoomError('range', 'The draft belongs to another tab.', { input: 'id' })
          if (body.text.length > maxDocumentBytes) {
            throw new LoomError('limit', `The draft has more than ${maxDocumentBytes} characters.`, {
              hint: 'Pictures and models do not belong into the document; it names their files.',
            })
          }
          const path = fileOf(id)
          await makeFolder(folder)
          const names = await files()
          if (names.length >= maxDrafts && !names.some((name) => join(folder, name) === path)) {
            throw new LoomError('limit', `There are ${maxDrafts} drafts already.`, { hint: 'Close tabs.' })
          }
          const revision = revisionOf(body.text)
          requireSeen(await readDraft(path), [base, revision], body.page)
          await writeFileAtomic(path, JSON.stringify(body))
          const { page = '', file } = body
          tell({ type: 'draft', tab: id, page, ...(file && { file: file.id }), revision })
          return { revision }
        }),
      deleteDraft: ({ id, body: { base, page = '' } }) =>
        takeTurn(id, async () => {
          const path = fileOf(id)
          if (base !== undefined) requireSeen(await readDraft(path), [base], page)
          try {
            await rm(path)
          } catch (error) {
            const problem = osError(error, 'delete', path)
            throw problem.code === 'not-found' ? unknownId('draft') : problem
          }
          tell({ type: 'draft', tab: id, page, revision: null })
          return {}
        }),
    },
  }
}

const revisionOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/**
 * Refuses to replace a draft that somebody else has saved. What a page sends while it closes may overtake what it sent
 * before, so a page is never in conflict with itself.
 * @param seen revisions that may be replaced
 */
function requireSeen(
  current: StoredDraft | undefined,
  seen: readonly (string | null)[],
  page: string | undefined,
): void {
  if (!current || seen.includes(current.revision) || (page !== undefined && current.page === page)) return
  throw new LoomError('conflict', 'The document was edited in another page since it was opened here.', {
    hint: 'Open it again, or keep this version.',
  })
}
