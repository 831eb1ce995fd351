import { Button } from '@mantine/core'
import { Download, FolderOpen, FolderSearch, ImagePlus, Trash2 } from 'lucide-react'
import { Fragment } from 'react'
import type { Picture } from '#core/protocol/jobs.ts'
import { byteRoutes } from '#core/protocol/routes.ts'
import { desktop } from '../../api/desktop.ts'
import { closeDialog } from '../../store/ui.ts'
import { t } from '../../strings/t.ts'
import { showError } from '../../ui/notices.ts'
import { openWorkflowOf, takeAsInput, throwAway } from './picture-actions.ts'
import styles from './viewer.module.css'

const look = { variant: 'default', size: 'xs', justify: 'flex-start', fullWidth: true } as const
const icon = { size: 14, 'aria-hidden': true } as const

/** Information about a picture, and actions for it. */
export function PictureFacts({ picture }: { picture: Picture }) {
  const { id, name, width, height, seed, node, made } = picture
  const rows = [
    [t('pictures.facts.size'), t('pictures.facts.pixels', { width, height })],
    [t('pictures.facts.seed'), seed ?? '–'],
    [t('pictures.facts.node'), node],
    [t('pictures.facts.made'), new Date(made).toLocaleString()],
  ]
  const then = (work: Promise<void>) => void work.then(closeDialog, showError)
  return (
    <>
      <dl>
        {rows.map(([term, value]) => (
          <Fragment key={term}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </Fragment>
        ))}
      </dl>
      <div className={styles.actions}>
        <Button {...look} leftSection={<FolderOpen {...icon} />} onClick={() => then(openWorkflowOf(picture))}>
          {t('pictures.facts.openWorkflow')}
        </Button>
        <Button {...look} leftSection={<ImagePlus {...icon} />} onClick={() => then(takeAsInput(picture))}>
          {t('pictures.facts.use')}
        </Button>
        {desktop && (
          <Button
            {...look}
            leftSection={<FolderSearch {...icon} />}
            onClick={() => void desktop?.showInFolder('picture', id).catch(showError)}
          >
            {t('pictures.facts.showInFolder')}
          </Button>
        )}
        <Button
          {...look}
          leftSection={<Download {...icon} />}
          component="a"
          href={byteRoutes.picture(id)}
          download={name}
        >
          {t('pictures.facts.download')}
        </Button>
        {!picture.passing && (
          <Button {...look} color="red" leftSection={<Trash2 {...icon} />} onClick={() => then(throwAway(picture))}>
            {t('pictures.facts.delete')}
          </Button>
        )}
      </div>
    </>
  )
}
