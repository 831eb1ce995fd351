import { call } from '../api/client.ts'
import type { Tab } from '../store/workspace.ts'
import { t } from '../strings/t.ts'
import { notify } from '../ui/notices.ts'
import { replaceDocument } from './save.ts'
import { tabOf } from './tabs.ts'
import { titleOf } from './title.ts'

/** A channel between pages of one browser. A message is the id of an edited tab. */
const channel = new BroadcastChannel('latent-loom.edited')

export const tellOtherPages = (tab: string): void => channel.postMessage(tab)

/** Warns if a tab is also edited in another page, because only the last draft is kept. */
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

/** Loads the other page's version of the document as one undo step. */
async function takeOver(tab: Tab): Promise<void> {
  const { drafts } = await call('listDrafts', {})
  const draft = drafts.find(({ id }) => id === tab.id)
  if (draft) replaceDocument(tab, draft.text, t('shell.drafts.takeOver'))
}
