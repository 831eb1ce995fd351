import { useEffect, useState } from 'react'
import type { Template } from '#core/protocol/routes.ts'
import { call } from '../../api/client.ts'
import { showError } from '../../shell/notices.ts'
import { t } from '../../strings/t.ts'
import { openWorkflowText } from '../../workspace/tabs.ts'
import styles from './templates-panel.module.css'

/** Workflows to start from, each with a picture that it drew. */
export function TemplatesPanel() {
  const [templates, setTemplates] = useState<readonly Template[]>([])
  useEffect(() => {
    call('listTemplates', {}).then(({ templates }) => setTemplates(templates), showError)
  }, [])
  return (
    <ul className={styles.list}>
      {templates.map(({ id, title, description, text, picture }) => (
        <li key={id}>
          <button
            type="button"
            className={styles.template}
            onClick={() => {
              try {
                openWorkflowText(text, title)
              } catch (error) {
                showError(error)
              }
            }}
          >
            {picture ? <img src={picture} alt="" /> : <span className={styles.blank} />}
            <strong>{title}</strong>
            <span className={styles.description}>{description}</span>
            <span className={styles.open}>{t('library.templates.open')}</span>
          </button>
        </li>
      ))}
    </ul>
  )
}
