import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { LoomError } from '#core/errors.ts'
import { routes, type TabDraft } from '#core/protocol/routes.ts'
import { maxDocumentBytes } from '#core/workflow/document.ts'
import { writeFileAtomic } from '#engine/files/atomic.ts'
import { osError } from '#engine/files/os-error.ts'
import type { Handlers } from '../handlers.ts'
import { idOf, unknownId } from './ids.ts'
import { inTurn } from './in-turn.ts'
import { readJsonFile } from './json-file.ts'

/** Drafts at most: far more tabs than a person opens. */
const maxDrafts = 500

type DraftRoute = 'listDrafts' | 'saveDraft' | 'deleteDraft'

/** Unsaved work, one file per tab, named by a hash of the tab's key. Damaged files are set aside; saved documents are never touched. */
export async function openDrafts(folder: string): Promise<Handlers<DraftRoute>> {
  await mkdir(folder, { recursive: true })
  const takeTurn = inTurn()
  const fileOf = (id: string): string => join(folder, `${idOf(id)}.json`)

  const files = async (): Promise<string[]> =>
    (await readdir(folder)).filter((name) => /^[0-9a-f]{32}\.json$/.test(name))

  async function readDraft(name: string): Promise<TabDraft[]> {
    const path = join(folder, name)
    const draft = await readJsonFile(path, routes.saveDraft.body)
    // that tab would overwrite a draft under its name
    return draft && fileOf(draft.id) === path ? [draft] : []
  }

  return {
    async listDrafts() {
      const drafts = (await Promise.all((await files()).map(readDraft))).flat()
      return { drafts: drafts.sort((a, b) => a.position - b.position) }
    },
    saveDraft: ({ id, body }) =>
      takeTurn(id, async () => {
        if (body.id !== id) throw new LoomError('range', 'The draft belongs to another tab.', { input: 'id' })
        if (body.text.length > maxDocumentBytes) {
          throw new LoomError('limit', `The draft has more than ${maxDocumentBytes} characters.`, {
            hint: 'Pictures and models do not belong into the document; it names their files.',
          })
        }
        const path = fileOf(id)
        const names = await files()
        if (names.length >= maxDrafts && !names.some((name) => join(folder, name) === path)) {
          throw new LoomError('limit', `There are ${maxDrafts} drafts already.`, { hint: 'Close tabs.' })
        }
        await writeFileAtomic(path, JSON.stringify(body))
        return {}
      }),
    deleteDraft: ({ id }) =>
      takeTurn(id, async () => {
        try {
          await rm(fileOf(id))
        } catch (error) {
          const problem = osError(error, 'delete', fileOf(id))
          throw problem.code === 'not-found' ? unknownId('draft') : problem
        }
        return {}
      }),
  }
}
