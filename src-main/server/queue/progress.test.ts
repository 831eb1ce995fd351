import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { RunEvent } from '#core/protocol/messages.ts'
import { createEstimator } from './progress.ts'

type Phase = Extract<RunEvent, { type: 'phase' }>['phase']

const phase = (name: Phase, label: string = name, node?: string): RunEvent => ({
  type: 'phase',
  phase: name,
  label,
  ...(node !== undefined && { node }),
})
const step = (number: number, steps: number): RunEvent => ({ type: 'step', step: number, steps })

function setUp() {
  let time = 0
  const estimator = createEstimator(() => time)
  /** Plays events, each after so many milliseconds. */
  function play(document: string, script: readonly [number, RunEvent][], tail = 0) {
    const follower = estimator.follow(document)
    const seen = script.map(([wait, event]) => {
      time += wait
      return follower.see(event)
    })
    time += tail
    follower.end(true)
    return seen
  }
  return { play }
}

/** Loads 1 s, encodes 0.1 s, samples 4 steps of 0.5 s, decodes 0.2 s, saves 0.05 s. */
const cold: [number, RunEvent][] = [
  [0, phase('load', 'UNet', 'sampler')],
  [1000, phase('encode', 'text encoder', 'prompt')],
  [100, phase('sample', 'lcm', 'sampler')],
  [500, step(1, 4)],
  [500, step(2, 4)],
  [500, step(3, 4)],
  [500, step(4, 4)],
  [0, phase('decode', 'VAE', 'decode')],
  [200, phase('save', 'folder', 'save')],
]

it('says nothing of the time before anything is known', () => {
  for (const progress of setUp().play('fox', cold)) expect(progress?.remaining).toBeUndefined()
})

it('leaves the first job of a slow machine room for what follows', () => {
  const slow = cold.map(([wait, event]): [number, RunEvent] => [30 * wait, event])
  const [, , sampling, first, second] = setUp()
    .play('fox', slow)
    .map((progress) => progress?.fraction ?? 0)
  expect(sampling).toBeLessThan(0.45)
  expect(first).toBeLessThan(0.6)
  expect(second).toBeGreaterThan(first ?? 0)
})

it('knows the time of a job like the last one', () => {
  const { play } = setUp()
  play('fox', cold, 50)
  const [, , sampling, first, second] = play('fox', cold, 50)
  expect(sampling?.remaining).toBeCloseTo(2250)
  expect(first?.remaining).toBeCloseTo(1750)
  expect(second).toMatchObject({ phase: 'sample', label: 'lcm', node: 'sampler', step: 2, steps: 4 })
  expect(second?.fraction).toBeCloseTo(2100 / 3350)
})

it('leaves out what is there already', () => {
  const { play } = setUp()
  play('fox', cold, 50)
  const plan: RunEvent = {
    type: 'plan',
    nodes: [
      { node: 'prompt', reused: true },
      { node: 'sampler', reused: false },
    ],
  }
  const [, loading] = play('fox', [[0, plan], ...cold.slice(0, 1)])
  expect(loading?.remaining).toBeCloseTo(1000 + 2000 + 250)
  // a session that was there is not loaded again
  const [sampling] = play('owl', cold.slice(2))
  expect(sampling?.remaining).toBeUndefined()
})

it('follows rates that change', () => {
  const { play } = setUp()
  const twice = cold.map(([wait, event]): [number, RunEvent] => [2 * wait, event])
  play('fox', cold, 50)
  for (let count = 0; count < 12; count++) play('fox', twice, 100)
  expect(play('fox', cold)[2]?.remaining).toBeCloseTo(4500, -2)
})

it('never falls, never promises the end, and is always finite', () => {
  const phases = ['load', 'encode', 'sample', 'decode', 'save'] as const
  const anyEvent: fc.Arbitrary<RunEvent> = fc.oneof(
    fc.tuple(fc.constantFrom(...phases), fc.constantFrom('a', 'b')).map(([name, label]) => phase(name, label)),
    fc.tuple(fc.nat(5), fc.nat(5)).map(([number, steps]) => step(number, steps)),
    fc.record({
      type: fc.constant('plan' as const),
      nodes: fc.constant<{ node: string; reused: boolean }[]>([{ node: 'x', reused: true }]),
    }),
  )
  const job = fc.tuple(fc.constantFrom('fox', 'owl'), fc.array(fc.tuple(fc.nat(1000), anyEvent)), fc.nat(10))
  fc.assert(
    fc.property(fc.array(job, { maxLength: 5 }), (jobs) => {
      const { play } = setUp()
      for (const [document, script, tail] of jobs) {
        let last = 0
        for (const progress of play(document, script, tail)) {
          if (!progress) continue
          expect(progress.fraction).toBeGreaterThanOrEqual(last)
          expect(progress.fraction).toBeLessThan(1)
          expect(progress.remaining ?? 0).toSatisfy((value: number) => Number.isFinite(value) && value >= 0)
          last = progress.fraction
        }
      }
    }),
  )
})
