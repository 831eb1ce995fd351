import { afterAll, expect, test } from 'vitest'
import type { RunEvent } from '#core/protocol/messages.ts'
import { superviseEngine } from '#main/host/supervisor.ts'
import { programModules } from '#main/program.ts'
import { embeddedModels, template } from '../engine-runner.ts'
import { temporaryFolder } from '../golden-networks.ts'

const supervisor = superviseEngine({
  module: programModules.engine.href,
  options: { models: [embeddedModels] },
  environment: process.env,
})
afterAll(() => supervisor.close())

/** Steps take long enough for a busy machine to hear of them one by one. */
const settings = { steps: '50', 'latent.width': '256', 'latent.height': '256' }

/** Cancels a long run in the engine's own process at an event; gives what came after that. */
async function cancelAt(matches: (event: RunEvent) => boolean, seed: string): Promise<readonly RunEvent[]> {
  const controller = new AbortController()
  const after: RunEvent[] = []
  const ended = supervisor.run(
    {
      document: template('lcm-lora'),
      folders: [],
      overrides: Object.entries(settings).map(([name, value]) => ({ name, value })),
      seed,
      outputFolder: temporaryFolder(),
      device: 'cpu',
      previews: true,
      verify: false,
    },
    (event) => {
      if (controller.signal.aborted) after.push(event)
      else if (matches(event)) controller.abort()
    },
    controller.signal,
  )
  await expect(ended).rejects.toMatchObject({ code: 'cancelled' })
  return after
}

const steps = (events: readonly RunEvent[]) => events.filter(({ type }) => type === 'step').length

test('a cancelled run ends with the step that it is in, whatever it is told through the pipe meanwhile', async () => {
  for (const [at, seed] of [
    [1, '1'],
    [3, '2'],
  ] as const) {
    const after = await cancelAt((event) => event.type === 'step' && event.step === at, seed)
    expect(steps(after)).toBeLessThanOrEqual(1)
  }
})

test('a run that is cancelled while a session is made goes no further', async () => {
  const after = await cancelAt((event) => event.type === 'phase' && event.phase === 'sample', '3')
  expect(steps(after)).toBeLessThanOrEqual(1)
})
