import { readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { EngineRunner, template } from '../engine-runner.ts'
import { temporaryFolder } from '../golden-networks.ts'
import { smallModels } from '../small-models.ts'

interface TraceEvent {
  readonly ph: string
  readonly tid: number
  readonly cat?: string
  readonly name: string
  readonly ts: number
  readonly dur: number
  readonly args: Readonly<Record<string, unknown>>
}

test('a profile has the steps of the plan and the nodes of every session on one clock', async () => {
  const runner = new EngineRunner(smallModels())
  const file = join(temporaryFolder(), 'profile.json')
  const set = { steps: '2' }
  const { profile, milliseconds } = await runner.run(template('lcm-lora'), { set, profile: file })
  // no session that measures is left for later runs
  expect(await runner.run(template('lcm-lora'), { set })).toMatchObject({ sessions: 3, reused: 0 })
  await runner.close()

  const events: readonly TraceEvent[] = JSON.parse(readFileSync(file, 'utf8')).traceEvents
  const tracks = events.filter(({ name }) => name === 'thread_name').map(({ args }) => args.name)
  const model = 'emoji-tiny.safetensors'
  expect(tracks).toEqual(['steps', `text encoder of ${model}`, `UNet of ${model}`, `VAE decoder of ${model}`])

  const steps = events.filter(({ cat }) => cat === 'Step')
  expect(steps.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['encode-prompt', 'sample lcm 1/2', 'sample lcm 2/2', 'sample', 'vae-decode', 'save-image']),
  )
  const sampling = steps.find(({ name }) => name === 'sample')
  expect(sampling?.args).toMatchObject({ node: 'sampler' })
  const runs = events.filter(({ name, tid }) => name === 'model_run' && tid === 2)
  expect(runs).toHaveLength(2)
  for (const { ts, dur } of runs) expect(isWithin(sampling, ts, ts + dur)).toBe(true)

  const nodes = events.filter(({ cat }) => cat === 'Node')
  expect(nodes.find(({ name }) => name.startsWith('down_blocks.0.resnets.0.conv1/'))).toMatchObject({
    tid: 2,
    args: { op: expect.any(String), provider: 'CPUExecutionProvider', gives: [{ float: expect.anything() }] },
  })
  const total = nodes.reduce((sum, { dur }) => sum + dur, 0) / 1000
  expect(profile).toMatchObject({ path: file, milliseconds: expect.closeTo(total, 6) })
  expect(total).toBeLessThan(milliseconds)
  const costs = profile?.nodes.map((node) => node.milliseconds) ?? []
  expect(costs).toHaveLength(10)
  expect(costs).toEqual(costs.toSorted((a, b) => b - a))
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith('latent-loom-profile-'))).toEqual([])
})

/** Whether a span lies in another, to 20 ms: ONNX Runtime begins to count a moment after it is asked for a session. */
function isWithin(outer: TraceEvent | undefined, from: number, to: number): boolean {
  const tolerance = 20_000
  return outer !== undefined && from > outer.ts - tolerance && to < outer.ts + outer.dur + tolerance
}
