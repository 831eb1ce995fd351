import { Button, Modal, SegmentedControl, Select, Switch } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { precisionChoices } from '#core/protocol/messages.ts'
import type { RouteResult } from '#core/protocol/routes.ts'
import { call } from '../../api/client.ts'
import { desktop } from '../../api/desktop.ts'
import { settings } from '../../store/settings.ts'
import { closeDialog, openDialog } from '../../store/ui.ts'
import { t } from '../../strings/t.ts'
import { isMac } from '../../ui/chord.ts'
import { showError } from '../../ui/notices.ts'
import styles from './settings-dialog.module.css'

const themes = ['system', 'dark', 'light'] as const
const wheels = ['automatic', 'zooms', 'moves'] as const
const switches = ['snap', 'minimap', 'previews', 'decodedPreviews', 'spelling'] as const

/** A browser checks with what it has; the window fetches dictionaries, unless the system is a Mac. */
const spellingHint = desktop && !isMac && t('dialogs.settings.spellingHint')

/** Settings of the user, independent of documents. Each takes effect at once. */
export function SettingsDialog() {
  const state = useStore(settings)
  const [devices, setDevices] = useState<RouteResult<'listDevices'>>()
  useEffect(() => {
    call('listDevices', {}).then(setDevices, showError)
  }, [])
  const chosen = devices?.devices.find(({ name }) => name === state.device)
  return (
    <Modal opened onClose={closeDialog} title={t('dialogs.settings.title')}>
      <div className={styles.rows}>
        <div className={styles.row}>
          <span id="theme-label">{t('dialogs.settings.theme')}</span>
          <SegmentedControl
            size="xs"
            aria-labelledby="theme-label"
            value={state.theme}
            onChange={(theme) => settings.setState({ theme })}
            data={themes.map((value) => ({ value, label: t(`dialogs.settings.${value}`) }))}
          />
        </div>
        <div className={styles.row}>
          <span id="wheel-label">{t('dialogs.settings.wheel')}</span>
          <SegmentedControl
            size="xs"
            aria-labelledby="wheel-label"
            aria-describedby="wheel-hint"
            value={state.wheel}
            onChange={(wheel) => settings.setState({ wheel })}
            data={wheels.map((value) => ({ value, label: t(`dialogs.settings.wheels.${value}`) }))}
          />
        </div>
        <p id="wheel-hint" className={styles.hint}>
          {t('dialogs.settings.wheelHint')}
        </p>
        {switches.map((name) => (
          <Switch
            key={name}
            size="md"
            label={t(`dialogs.settings.${name}`)}
            description={name === 'spelling' && spellingHint}
            checked={state[name]}
            onChange={({ currentTarget }) => settings.setState({ [name]: currentTarget.checked })}
          />
        ))}
        <Select
          label={t('dialogs.settings.device')}
          description={chosen && t('dialogs.settings.deviceMissing', { name: chosen.name, detail: chosen.detail })}
          value={state.device}
          onChange={(device) => settings.setState({ device: device ?? 'auto' })}
          data={[
            { value: 'auto', label: t('dialogs.settings.devices.auto') },
            ...(devices?.devices ?? []).map(({ name, available }) => ({
              value: name,
              label: name,
              disabled: !available,
            })),
          ]}
        />
        <Select
          label={t('dialogs.settings.precision')}
          value={state.precision}
          allowDeselect={false}
          onChange={(precision) => precision && settings.setState({ precision })}
          data={precisionChoices.map((value) => ({ value, label: t(`dialogs.settings.precisions.${value}`) }))}
        />
        <Button variant="default" onClick={() => openDialog({ kind: 'cuda' })}>
          {t('dialogs.settings.cuda')}
        </Button>
        <Button variant="default" onClick={() => openDialog({ kind: 'shortcuts' })}>
          {t('dialogs.settings.shortcuts')}
        </Button>
        {devices && (
          <p className={styles.versions}>
            {Object.entries(devices.versions)
              .map(([name, version]) => `${name} ${version}`)
              .join(', ')}
          </p>
        )}
      </div>
    </Modal>
  )
}
