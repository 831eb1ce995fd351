import type { Workflow } from '#core/workflow/document.ts'
import { printWorkflow } from '#core/workflow/print.ts'

/** Downloads a document as a file. */
export function downloadWorkflow(workflow: Workflow): void {
  const content = new Blob([printWorkflow(workflow)], { type: 'application/json' })
  const address = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = address
  link.download = `${workflow.name ?? 'workflow'}.loom.json`
  link.click()
  URL.revokeObjectURL(address)
}
