import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { documentKeyword, readPngTexts } from '#core/formats/png.ts'
import { parseWorkflow } from '#core/workflow/parse.ts'
import { inflateCapped } from '#engine/files/inflate.ts'
import { programModules, resourcesFolder } from '#main/program.ts'
import { smallModels } from '../small-models.ts'
import { serve } from './serving.ts'

const text = readFileSync(join(resourcesFolder, 'templates', 'lcm-lora.loom.json'), 'utf8')

/** The workflow with another strength of its adapter. */
function withStrength(strength: number): string {
  const workflow = JSON.parse(text)
  workflow.nodes.lora.inputs.modelStrength = strength
  return JSON.stringify(workflow)
}

it('draws pictures that carry their workflow, again and live', async () => {
  const { submit, over, server } = await serve({
    engineModule: programModules.engine.href,
    modelFolders: [smallModels()],
  })
  const run = async (more: object) => over((await submit('fox', { workflow: text, device: 'cpu', ...more })).id)

  const first = await run({})
  expect(first).toMatchObject({ state: 'done', pictures: [{ node: 'save', width: 128, height: 128, seed: '42' }] })
  expect(first.result?.sessions).toBeGreaterThan(0)
  const headers = { authorization: `Bearer ${server.token}` }
  const file = await fetch(`${server.origin}/api/pictures/${first.pictures[0]?.id}/file`, { headers })
  const carried = readPngTexts(new Uint8Array(await file.arrayBuffer()), inflateCapped).get(documentKeyword) ?? ''
  expect(parseWorkflow(carried).nodes).toEqual(parseWorkflow(text).nodes)

  expect(await run({ precision: 'float16' })).toMatchObject({ state: 'failed', error: { code: 'unsupported' } })

  const again = await run({})
  expect(again.result).toMatchObject({ sessions: 0 })
  expect(again.result?.reused).toBeGreaterThan(first.result?.reused ?? 0)

  await run({ workflow: withStrength(0.9), live: true })
  const moved = await run({ workflow: withStrength(0.8), live: true })
  expect(moved).toMatchObject({ state: 'done', result: { sessions: 0 }, pictures: [{ passing: true }] })
})
