import { Modal, TextInput } from '@mantine/core'
import { useMemo, useState } from 'react'
import { connect } from '../../commands/links.ts'
import { commitTo, useLevel, useTab } from '../../store/context.ts'
import { closeDialog, type DialogOf, type PortRef } from '../../store/ui.ts'
import { t } from '../../strings/t.ts'
import { PortShape } from '../../ui/port-shape.tsx'
import styles from './connect-dialog.module.css'
import { candidatesFor, explainPorts, nameOfPort, portKey, typeOfPort } from './connection-fit.ts'

interface Choice {
  readonly port: PortRef
  readonly name: string
  readonly fits: boolean
}

/** Lists all ports that an end can be linked to, as an alternative to dragging. */
export function ConnectDialog({ dialog: { from } }: { readonly dialog: DialogOf<'connect'> }) {
  const tab = useTab()
  const level = useLevel()
  const [query, setQuery] = useState('')
  const choices = useMemo(
    () =>
      candidatesFor(tab, from)
        .filter(({ port }) => port.node !== from.node)
        .map(({ port, fits }): Choice => ({ port, fits, name: nameOfPort(tab, port) })),
    [tab, from],
  )
  const wanted = query.trim().toLowerCase()
  const found = choices.filter(({ name }) => name.toLowerCase().includes(wanted))
  const take = (to: PortRef): void => {
    closeDialog()
    commitTo(tab, connect(tab.document.getState().workflow, level, from, to))
  }
  // Enter chooses the first in the list
  const [first] = found.toSorted((a, b) => Number(b.fits) - Number(a.fits))
  return (
    <Modal opened onClose={closeDialog} title={t('canvas.connect.title', { port: nameOfPort(tab, from) })}>
      <TextInput
        data-autofocus
        aria-label={t('canvas.connect.search')}
        placeholder={t('canvas.connect.placeholder')}
        value={query}
        onChange={(event) => setQuery(event.currentTarget.value)}
        onKeyDown={({ key }) => key === 'Enter' && first && take(first.port)}
      />
      <Choices title={t('canvas.connect.fits')} from={from} choices={found.filter(({ fits }) => fits)} take={take} />
      <Choices title={t('canvas.connect.others')} from={from} choices={found.filter(({ fits }) => !fits)} take={take} />
      {found.length === 0 && <p className={styles.none}>{t('canvas.connect.none')}</p>}
    </Modal>
  )
}

/** Maximum number of rows. The search finds the rest. */
const maxRows = 50

interface ChoicesProps {
  readonly title: string
  readonly from: PortRef
  readonly choices: readonly Choice[]
  readonly take: (to: PortRef) => void
}

function Choices({ title, from, choices, take }: ChoicesProps) {
  const tab = useTab()
  if (choices.length === 0) return null
  return (
    <section aria-label={title}>
      <h3 className={styles.heading}>{title}</h3>
      <ul className={styles.list}>
        {choices.slice(0, maxRows).map(({ port, name, fits }) => (
          <li key={portKey(port)}>
            <button type="button" className={styles.choice} onClick={() => take(port)}>
              <PortShape kind={typeOfPort(tab, port).kind} filled={fits} />
              <span>{name}</span>
              {!fits && <small>{explainPorts(tab, from, port).short}</small>}
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
