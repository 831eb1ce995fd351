import { describe, expect, it } from 'vitest'
import type { Training } from '#core/families/training.ts'
import { Plan } from '#core/plan/plan.ts'
import { provenanceOf } from '#core/plan/provenance.ts'
import type { SchedulerSpec } from '#core/plan/scheduler.ts'
import { isOp } from '#core/plan/step.ts'
import { factsOf, nothingKnown } from '#core/types/facts.ts'
import { lowerWorkflow } from '#core/workflow/lower.ts'
import { readDocument } from '#engine/files/document.ts'
import { createSolver } from '#engine/sampling/create-solver.ts'
import { catalogue } from '#nodes/catalogue.ts'
import { documentOf } from '../engine-runner.ts'
import { checkpointFact, typed } from './documents.ts'

type Nodes = Parameters<typeof documentOf>[0]

/** Draws with the scheduler of a node named `scheduler`. */
function drawing(schedulers: Nodes, sampler: Nodes[string][1] = {}): string {
  return documentOf({
    checkpoint: ['checkpoint', { file: 'tiny.safetensors' }],
    prompt: ['prompt', { clip: '-> checkpoint.clip', text: 'a fox' }],
    latent: ['empty-latent', { batch: 3 }],
    ...schedulers,
    sampler: [
      'sampler',
      {
        model: '-> checkpoint.model',
        positive: '-> prompt.conditioning',
        latent: '-> latent.latent',
        scheduler: '-> scheduler.scheduler',
        ...sampler,
      },
    ],
    decode: ['vae-decode', { vae: '-> checkpoint.vae', latent: '-> sampler.latent' }],
    save: ['save-image', { image: '-> decode.image' }],
  })
}

function planOf(document: string, facts = nothingKnown): Plan {
  const plan = new Plan()
  lowerWorkflow(typed(readDocument(document).workflow, facts), plan)
  return plan
}

/** The spec that the sampler of a document is given. */
function specOf(document: string, facts = nothingKnown): SchedulerSpec {
  const scheduler = planOf(document, facts).steps.find(({ op }) => op === 'sample')?.inputs.scheduler
  if (!scheduler || !isOp(scheduler, 'scheduler')) throw new Error('no scheduler')
  return scheduler.attributes.spec
}

/** The document with its node `scheduler` as that version wrote it. */
function ofVersion(version: number, document: string): string {
  const changed = JSON.parse(document)
  changed.nodes.scheduler.version = version
  return JSON.stringify(changed)
}

const optionsOf = (input: string): string[] => Object.keys(catalogue.get('scheduler')?.inputs[input]?.titles ?? {})

describe('the Scheduler node', () => {
  const cases = optionsOf('solver').flatMap((solver) => optionsOf('convention').map((how) => [solver, how] as const))

  it.each(cases)('%s, %s: can be run on every schedule', (solver, convention) => {
    for (const schedule of optionsOf('schedule')) {
      const inputs = { solver, convention, schedule, steps: 8 }
      const spec = specOf(ofVersion(2, drawing({ scheduler: ['scheduler', inputs] })))
      expect(spec).toMatchObject({ convention, steps: 8 })
      const { levels } = createSolver(spec, { prediction: 'epsilon', strength: 1 })
      expect(levels.length, schedule).toBe(9)
    }
  })

  it.each([
    [{ solver: 'dpmpp-2m-karras' }, 'dpmpp-2m', 'karras'],
    [{}, 'dpmpp-2m', 'karras'],
    [{ solver: 'dpmpp-2m' }, 'dpmpp-2m', 'linspace'],
    [{ solver: 'ddim' }, 'ddim', 'leading'],
  ])('means in documents of version 1 what it meant: %j', (inputs, solver, expected) => {
    const { kind, schedule } = specOf(ofVersion(1, drawing({ scheduler: ['scheduler', inputs] })))
    expect(kind).toBe(solver)
    expect(Object.values(schedule)).toContain(expected)
  })
})

describe('the usual schedule', () => {
  const facts = (training: Training) =>
    factsOf(new Map([['checkpoint:tiny.safetensors', { ...checkpointFact, told: { training } }]]))
  const trailing = { kind: 'spaced', spacing: 'trailing', stepsOffset: 1 } as const
  const karras = { kind: 'sigmas', name: 'karras' } as const
  const auto = {
    auto: ['auto-scheduler', { model: '-> checkpoint.model' }],
    scheduler: ['timesteps', { scheduler: '-> auto.scheduler', timesteps: '999' }],
  } satisfies Nodes

  it.each<[string, Nodes[string][1], Training, object]>([
    ['noise alone', {}, { prediction: 'v_prediction', zeroSnr: true }, trailing],
    ['its folder', {}, { prediction: 'epsilon', schedule: trailing }, trailing],
    ['nothing', {}, { prediction: 'epsilon' }, karras],
    [
      'noise alone, which the artist overrules',
      { schedule: 'karras' },
      { prediction: 'sample', zeroSnr: true },
      karras,
    ],
  ])('is that of a model that asks for %s', (_, inputs, training, schedule) => {
    expect(specOf(drawing({ scheduler: ['scheduler', inputs] }), facts(training)).schedule).toEqual(schedule)
  })

  it('gives way to explicit timesteps', () => {
    const { schedule, usual } = specOf(drawing(auto), facts({ prediction: 'v_prediction', zeroSnr: true }))
    expect([schedule, usual]).toEqual([{ kind: 'timesteps', timesteps: [999] }, undefined])
  })
})

describe('the TCD Scheduler node', () => {
  const timestepsOf = (inputs: Nodes[string][1]) =>
    createSolver(specOf(drawing({ scheduler: ['tcd-scheduler', inputs] })), { prediction: 'epsilon', strength: 1 })
      .levels.slice(0, -1)
      .map(({ timestep }) => timestep)

  it('picks its steps from the grid of 50, or from another', () => {
    expect(timestepsOf({ steps: 3 })).toEqual([999, 679, 339])
    expect(timestepsOf({ steps: 3, originalSteps: 1000 })).toEqual([999, 666, 333])
    expect(() => planOf(drawing({ scheduler: ['tcd-scheduler', { steps: 8, originalSteps: 4 }] }))).toThrow('a problem')
  })
})

describe('the Timesteps node', () => {
  const withTimesteps = (timesteps: string) =>
    drawing({
      lcm: ['lcm-scheduler', { steps: 8 }],
      scheduler: ['timesteps', { scheduler: '-> lcm.scheduler', timesteps }],
    })

  it('gives a scheduler other timesteps, as many as there are steps', () => {
    expect(specOf(withTimesteps('999, 749, 499, 249'))).toMatchObject({
      kind: 'lcm',
      steps: 4,
      schedule: { kind: 'timesteps', timesteps: [999, 749, 499, 249] },
    })
  })

  it('refuses what are no timesteps, naming the node', () => {
    expect(() => planOf(withTimesteps('249, 499'))).toThrow(
      expect.objectContaining({ code: 'range', node: 'scheduler', input: 'timesteps' }),
    )
  })
})

describe('a batch', () => {
  const seedsOf = (batchSeeds: string) => {
    const document = drawing({ scheduler: ['lcm-scheduler', {}] }, { seed: '18446744073709551614', batchSeeds })
    const [save] = planOf(document).effects
    return [0, 1, 2].map((picture) => save && provenanceOf(save, picture)?.seed)
  }

  it('has one seed, or one for each picture', () => {
    expect(seedsOf('batch')).toEqual(Array(3).fill('18446744073709551614'))
    expect(seedsOf('each')).toEqual(['18446744073709551614', '18446744073709551615', '0'])
  })
})
