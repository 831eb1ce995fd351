import { readdir } from 'node:fs/promises'
import { afterEach, expect, test, vi } from 'vitest'
import { Plan } from '#core/plan/plan.ts'
import { stepRules } from '#engine/steps/rules.ts'
import { fault, noFault } from '#test/failing-fs.ts'
import { goldenCheckpoint, temporaryFolder } from '../golden-networks.ts'
import { stepContext } from '../step-context.ts'

vi.mock('node:fs/promises', async (original) => {
  const { failingFs } = await import('#test/failing-fs.ts')
  return failingFs(await original<typeof import('node:fs/promises')>())
})

afterEach(noFault)

test('a drive that is full while a model is saved is told, and nothing is left behind', async () => {
  const of = { file: goldenCheckpoint('unet-sd15'), prediction: 'auto' } as const
  const context = { ...stepContext(), modelFolder: temporaryFolder(), step: new Plan().step('unet', {}, of) }
  const model = await stepRules.unet.run(context, {}, of)
  const save = () => stepRules['save-checkpoint'].run(context, { model }, { prefix: 'model', dtype: 'F16' })
  for (const failAt of [2, 5, 40]) {
    Object.assign(fault, { calls: 0, failAt, code: 'ENOSPC' })
    await expect(save()).rejects.toMatchObject({ code: 'io', message: expect.stringContaining('the drive is full') })
    noFault()
    expect(await readdir(context.modelFolder)).toEqual([])
  }
  await save()
  expect(await readdir(context.modelFolder)).toEqual(['model-00001.safetensors'])
})
