import { expect, it } from 'vitest'
import { catalogue } from '#nodes/catalogue.ts'
import { node, workflowOf } from '#test/workflow/documents.ts'
import { migrateNodes } from './migrate.ts'

it('brings every node up to date, in subgraphs too, and leaves what it does not know', () => {
  const old = node('scheduler', { solver: 'dpmpp-2m-karras', steps: 15 })
  const unknown = node('of-tomorrow', { much: 1 })
  const workflow = workflowOf({ old, unknown }, { inner: { inputs: {}, outputs: {}, nodes: { old } } })
  const { workflow: current, migrated } = migrateNodes(workflow, catalogue)
  const now = { ...old, version: 2, inputs: { solver: 'dpmpp-2m', schedule: 'karras', steps: 15 } }
  expect(current.nodes).toEqual({ old: now, unknown })
  expect(current.subgraphs?.inner?.nodes).toEqual({ old: now })
  expect(migrated).toEqual([{ of: 'scheduler', from: 1, to: 2, count: 2 }])
  expect(migrateNodes(current, catalogue)).toEqual({ workflow: current, migrated: [] })
})
