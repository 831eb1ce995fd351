import { Button, Group, Modal, Progress } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { RouteResult } from '#core/protocol/routes.ts'
import { call } from '../../api/client.ts'
import { closeDialog } from '../../store/ui.ts'
import { t } from '../../strings/t.ts'
import { showError } from '../../ui/notices.ts'
import styles from './settings-dialog.module.css'

type Setup = RouteResult<'cudaSetup'>

/** Milliseconds between two looks at how far it is. */
const pause = 1000

const gigabytes = (bytes: number) => (bytes / 1e9).toFixed(2)

/** Lists what an NVIDIA card needs with licences and checksums, fetches it, and removes it. */
export function CudaDialog() {
  const [setup, setSetup] = useState<Setup>()
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>
    const look = async () => {
      await call('cudaSetup', {}).then(setSetup, showError)
      timer = setTimeout(look, pause)
    }
    void look()
    return () => clearTimeout(timer)
  }, [])
  const act = (route: 'fetchCuda' | 'stopCuda' | 'removeCuda') =>
    call(route, {})
      .then(() => call('cudaSetup', {}))
      .then(setSetup, showError)
  return (
    <Modal opened onClose={closeDialog} title={t('dialogs.cuda.title')} size="xl">
      {setup === undefined && <p>{t('shell.dialogs.loading')}</p>}
      {setup?.none !== undefined && <p>{setup.none}</p>}
      {setup?.cuda !== undefined && (
        <div className={styles.rows}>
          <p>{t('dialogs.cuda.text', { cuda: setup.cuda })}</p>
          <Packages wheels={setup.wheels} />
          <State setup={setup} />
          <Group>
            {!setup.isReady && !setup.progress && (
              <Button onClick={() => act('fetchCuda')}>{t('dialogs.cuda.accept')}</Button>
            )}
            {setup.progress && (
              <Button variant="default" onClick={() => act('stopCuda')}>
                {t('dialogs.cuda.stop')}
              </Button>
            )}
            {!setup.progress && setup.wheels.some(({ isThere }) => isThere) && (
              <Button variant="default" onClick={() => act('removeCuda')}>
                {t('dialogs.cuda.remove')}
              </Button>
            )}
          </Group>
        </div>
      )}
    </Modal>
  )
}

function Packages({ wheels }: { readonly wheels: Setup['wheels'] }) {
  return (
    <table className={styles.packages}>
      <thead>
        <tr>
          <th>{t('dialogs.cuda.package')}</th>
          <th>{t('dialogs.cuda.size')}</th>
          <th>{t('dialogs.cuda.licence')}</th>
          <th>{t('dialogs.cuda.checksum')}</th>
        </tr>
      </thead>
      <tbody>
        {wheels.map(({ project, version, bytes, licence, sha256, isThere }) => (
          <tr key={project}>
            <td>
              {project} {version}
            </td>
            <td>{isThere ? t('dialogs.cuda.there') : t('dialogs.cuda.gigabytes', { amount: gigabytes(bytes) })}</td>
            <td>
              <a href={licence.url} target="_blank" rel="noreferrer">
                {licence.name}
              </a>
            </td>
            <td className={styles.checksum}>{sha256}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function State({ setup: { isReady, progress, error, missing, space } }: { readonly setup: Setup }) {
  if (isReady) return <p role="status">{t('dialogs.cuda.ready')}</p>
  if (progress) {
    const { arrived, total, file } = progress
    const told = t('dialogs.cuda.progress', { arrived: gigabytes(arrived), total: gigabytes(total), file })
    return (
      <>
        <Progress value={(100 * arrived) / total} aria-label={told} />
        <p className={styles.hint}>{told}</p>
      </>
    )
  }
  return (
    <>
      {error && <p role="alert">{t('dialogs.cuda.failed', { message: error.message, hint: error.hint ?? '' })}</p>}
      <p>{t('dialogs.cuda.missing', { missing: gigabytes(missing), space: gigabytes(space) })}</p>
    </>
  )
}
