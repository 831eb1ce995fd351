import { call } from '../api/client.ts'
import type { Tab } from '../store/workspace.ts'
import { t } from '../strings/t.ts'
import { notify } from '../ui/notices.ts'
import { replaceDocument } from './save.ts'
import { tabOf } from './tabs.ts'
import { titleOf } from './title.ts'

/** Pages of one browser hear each other here; a message is the id of a tab that was edited. */
const channel = new BroadcastChannel('latent-loom.edited')

export const tellOtherPages = (tab: string): void => channel.postMessage(tab)

/** Says when a tab that is open here is edited in another page as well: of the two drafts only the last is kept. */
export function hearOtherPages(): void {
  channel.addEventListener('message', ({ data }) => {
    const tab = typeof data === 'string' ? tabOf(data) : undefined
    if (!tab) return
    notify({
      kind: 'warning',
      id: `elsewhere ${tab.id}`,
      persistent: true,
      message: t('shell.drafts.elsewhere', { title: titleOf(tab) }),
      hint: t('shell.drafts.elsewhereHint'),
      actions: [{ label: t('shell.drafts.takeOver'), perform: () => takeOver(tab) }],
    })
  })
}

/** Shows what the other page made of the document, as a step of undo. */
async function takeOver(tab: Tab): Promise<void> {
  const { drafts } = await call('listDrafts', {})
  const draft = drafts.find(({ id }) => id === tab.id)
  if (draft) replaceDocument(tab, draft.text, t('shell.drafts.takeOver'))
}
