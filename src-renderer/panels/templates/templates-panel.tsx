import { useEffect, useState } from 'react'
import type { Template } from '#core/protocol/routes.ts'
import { call } from '../../api/client.ts'
import { t } from '../../strings/t.ts'
import { showError } from '../../ui/notices.ts'
import { ServedImage } from '../../ui/served-image.tsx'
import { openWorkflow } from '../../workspace/tabs.ts'
import styles from './templates-panel.module.css'

/** Workflow templates by purpose, each with an example picture. */
export function TemplatesPanel() {
  const [templates, setTemplates] = useState<readonly Template[]>([])
  useEffect(() => {
    call('listTemplates', {}).then(({ templates }) => setTemplates(templates), showError)
  }, [])
  return (
    <div className={styles.panel}>
      {[...Map.groupBy(templates, ({ group }) => group)].map(([group, members]) => (
        <section key={group} aria-label={group}>
          <h3>{group}</h3>
          <ul className={styles.list}>
            {members.map((template) => (
              <TemplateRow key={template.id} template={template} />
            ))}
          </ul>
        </section>
      ))}
    </div>
  )
}

function TemplateRow({ template: { title, description, text, picture } }: { readonly template: Template }) {
  const open = () => {
    try {
      openWorkflow(text, title)
    } catch (error) {
      showError(error)
    }
  }
  return (
    <li>
      <button type="button" className={styles.template} onClick={open}>
        {picture ? <ServedImage src={picture} alt="" loading="lazy" /> : <span className={styles.blank} />}
        <strong>{title}</strong>
        <span className={styles.description}>{description}</span>
        <span className={styles.open}>{t('library.templates.open')}</span>
      </button>
    </li>
  )
}
