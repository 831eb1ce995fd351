import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import type { RunEvent } from '#core/protocol/messages.ts'
import { superviseEngine } from '#main/host/supervisor.ts'
import { programModules } from '#main/program.ts'
import { EngineRunner, embeddedModels, template } from '../engine-runner.ts'
import { temporaryFolder } from '../golden-networks.ts'
import { smallModels } from '../small-models.ts'

const runner = new EngineRunner(smallModels())
afterAll(() => runner.close())

/** A connection of this process with itself: what is written is there at once, and heard when the event loop turns. */
async function loop(): Promise<{ near: Socket; far: Socket }> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const near = connect(typeof address === 'object' && address ? address.port : 0, '127.0.0.1')
  const [[far]] = await Promise.all([once(server, 'connection'), once(near, 'connect')])
  onTestFinished(() => {
    near.destroy()
    server.close()
  })
  return { near, far }
}

/** Says at an event, through a connection, that the run is cancelled; gives what came after that. */
async function cancelAt(matches: (event: RunEvent) => boolean, seed: string): Promise<readonly RunEvent[]> {
  const { near, far } = await loop()
  const after: RunEvent[] = []
  let said = false
  const { error } = await runner.failure(template('lcm-lora'), {
    set: { steps: '50', 'latent.width': '64', 'latent.height': '64' },
    seed,
    previews: true,
    watch: (event, abort) => {
      if (said) after.push(event)
      else if (matches(event)) {
        said = true
        far.once('data', abort)
        near.write('cancel')
      }
    },
  })
  expect(error.code).toBe('cancelled')
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

test('a run in the process of the engine hears of it before its steps are done', async () => {
  const supervisor = superviseEngine({
    module: programModules.engine.href,
    options: { models: [embeddedModels] },
    environment: process.env,
  })
  onTestFinished(() => supervisor.close())
  const controller = new AbortController()
  const settings = { steps: '50', 'latent.width': '256', 'latent.height': '256' }
  const ended = supervisor.run(
    {
      document: template('lcm-lora'),
      folders: [],
      overrides: Object.entries(settings).map(([name, value]) => ({ name, value })),
      outputFolder: temporaryFolder(),
      device: 'cpu',
      previews: true,
      verify: false,
    },
    ({ type }) => type === 'step' && controller.abort(),
    controller.signal,
  )
  await expect(ended).rejects.toMatchObject({ code: 'cancelled' })
})
