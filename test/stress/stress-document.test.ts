import { expect, test } from 'vitest'
import { isLink } from '#core/workflow/document.ts'
import { parseWorkflow } from '#core/workflow/parse.ts'
import { validate } from '#core/workflow/validate.ts'
import { typed } from '#test/workflow/documents.ts'
import { stressDocument } from './stress-document.ts'

test('the stress document is a large valid workflow of the usual nodes', () => {
  const workflow = stressDocument(1000)
  const nodes = Object.values(workflow.nodes)
  const links = nodes.flatMap(({ inputs }) => Object.values(inputs)).filter(isLink)
  expect(nodes.length).toBeGreaterThanOrEqual(1000)
  expect(links.length).toBeGreaterThan(1500)
  expect(new Set(nodes.map(({ type }) => type)).size).toBeGreaterThan(10)
  expect(parseWorkflow(JSON.stringify(workflow))).toEqual(workflow)
  expect(validate(typed(workflow))).toEqual([])
})
