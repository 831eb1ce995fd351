import { Button, FileButton, Modal, TextInput } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { DocumentInfo } from '#core/protocol/routes.ts'
import { call } from '../../api/client.ts'
import { closeDialog } from '../../store/ui.ts'
import { t } from '../../strings/t.ts'
import { showError } from '../../ui/notices.ts'
import { openDocument, openFromDisk } from '../../workspace/documents.ts'
import styles from './dialogs.module.css'

interface Listed {
  readonly documents: readonly DocumentInfo[]
  readonly recent: readonly DocumentInfo[]
}

/** Opens a document of the server or a file on disk. */
export function OpenDialog() {
  const [listed, setListed] = useState<Listed>()
  const [query, setQuery] = useState('')
  useEffect(() => {
    list().then(setListed, showError)
  }, [])
  const wanted = query.trim().toLowerCase()
  const matching =
    wanted === ''
      ? listed?.documents.filter((document) => !listed.recent.includes(document))
      : listed?.documents.filter(({ name, place }) => `${name} ${place}`.toLowerCase().includes(wanted))

  return (
    <Modal opened onClose={closeDialog} title={t('shell.dialogs.open.title')}>
      <TextInput
        data-autofocus
        aria-label={t('shell.dialogs.open.search')}
        placeholder={t('shell.dialogs.open.search')}
        value={query}
        onChange={(event) => setQuery(event.currentTarget.value)}
      />
      {listed && matching ? (
        <>
          {wanted === '' && <Documents title={t('shell.dialogs.open.recent')} documents={listed.recent} />}
          <Documents title={t('shell.dialogs.open.documents')} documents={matching} />
          {matching.length === 0 && wanted !== '' && <p className={styles.hint}>{t('shell.dialogs.open.noneFound')}</p>}
          {listed.documents.length === 0 && <p className={styles.hint}>{t('shell.dialogs.open.none')}</p>}
        </>
      ) : (
        <p className={styles.hint}>{t('shell.dialogs.loading')}</p>
      )}
      <div className={styles.actions}>
        <FileButton accept=".json" onChange={(file) => file && choose(openFromDisk(file))}>
          {(props) => (
            <Button variant="default" {...props}>
              {t('shell.dialogs.open.fromDisk')}
            </Button>
          )}
        </FileButton>
      </div>
    </Modal>
  )
}

async function list(): Promise<Listed> {
  const { documents, recent } = await call('listDocuments', {})
  return { documents, recent: recent.flatMap((id) => documents.find((known) => known.id === id) ?? []) }
}

function Documents({ title, documents }: { title: string; documents: readonly DocumentInfo[] }) {
  if (documents.length === 0) return null
  return (
    <section aria-label={title}>
      <h3 className={styles.heading}>{title}</h3>
      <ul className={styles.list}>
        {documents.map(({ id, name, place }) => (
          <li key={id}>
            <button type="button" className={styles.document} onClick={() => choose(openDocument(id))}>
              <span>{name}</span>
              <span className={styles.place}>{place}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}

function choose(opening: Promise<unknown>): void {
  opening.then(closeDialog, showError)
}
