import { Button, Modal, TextInput } from '@mantine/core'
import { Copy, FileImage, FileJson } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { Picture } from '#core/protocol/jobs.ts'
import { byteRoutes } from '#core/protocol/routes.ts'
import { useDocument, useRun } from '../../store/context.ts'
import type { RunState } from '../../store/run-store.ts'
import { closeDialog } from '../../store/ui.ts'
import { t } from '../../strings/t.ts'
import { downloadWorkflow } from '../../ui/download.ts'
import { showError } from '../../ui/notices.ts'
import { encodeShareLink } from '../../workspace/share-link.ts'
import styles from './share-dialog.module.css'

/** Some messengers and servers cut longer addresses. */
const longLink = 8192

/** Shares the workflow as a link, as a file or inside its newest picture. */
export function ShareDialog() {
  const workflow = useDocument((state) => state.workflow)
  const picture = useRun(newestPicture)
  const [link, setLink] = useState('')
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    encodeShareLink(workflow).then((fragment) => setLink(`${location.origin}/${fragment}`), showError)
  }, [workflow])
  const copy = () => navigator.clipboard.writeText(link).then(() => setCopied(true), showError)
  return (
    <Modal opened onClose={closeDialog} title={t('dialogs.share.title')} size="lg">
      <div className={styles.row}>
        <TextInput
          className={styles.link ?? ''}
          label={t('dialogs.share.link')}
          description={
            link.length > longLink ? t('dialogs.share.linkLong', { count: link.length }) : t('dialogs.share.linkHint')
          }
          value={link}
          readOnly
          onFocus={({ currentTarget }) => currentTarget.select()}
        />
        <Button leftSection={<Copy size={14} aria-hidden />} disabled={link === ''} onClick={() => void copy()}>
          {copied ? t('dialogs.share.copied') : t('dialogs.share.copy')}
        </Button>
      </div>
      <div className={styles.row}>
        <span>{t('dialogs.share.jsonHint')}</span>
        <Button
          variant="default"
          leftSection={<FileJson size={14} aria-hidden />}
          onClick={() => downloadWorkflow(workflow)}
        >
          {t('dialogs.share.json')}
        </Button>
      </div>
      <div className={styles.row}>
        <span>{picture ? t('dialogs.share.pngHint') : t('dialogs.share.noPicture')}</span>
        {picture ? (
          <Button
            variant="default"
            component="a"
            leftSection={<FileImage size={14} aria-hidden />}
            href={byteRoutes.picture(picture.id)}
            download={picture.name}
          >
            {t('dialogs.share.png')}
          </Button>
        ) : (
          <Button variant="default" leftSection={<FileImage size={14} aria-hidden />} disabled>
            {t('dialogs.share.png')}
          </Button>
        )}
      </div>
    </Modal>
  )
}

function newestPicture({ nodes }: RunState): Picture | undefined {
  const all = [...nodes.values()].flatMap(({ pictures = [] }) => pictures)
  return all.toSorted((a, b) => b.made - a.made)[0]
}
