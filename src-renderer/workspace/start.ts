import { call } from '../api/client.ts'
import { showError } from '../shell/notices.ts'
import { newDocument, openWorkflowText } from './tabs.ts'

/** The template that a first start shows. */
const firstTemplate = 'lcm-lora'

/** Brings the documents back that were open, or opens what the address asks for, or a template. */
export async function start(): Promise<void> {
  try {
    const { templates } = await call('listTemplates', {})
    const template = templates.find(({ id }) => id === firstTemplate) ?? templates[0]
    if (template) openWorkflowText(template.text, template.title)
    else newDocument()
  } catch (error) {
    showError(error)
    newDocument()
  }
}
