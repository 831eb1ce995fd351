import { produce } from 'immer'
import { describe, expect, it } from 'vitest'
import type { Job } from '#core/protocol/jobs.ts'
import type { Subgraph, Workflow, WorkflowNode } from '#core/workflow/document.ts'
import { renameNode, setAfter, setInput } from '#renderer/commands/nodes.ts'
import { type SeedControl, seedsToRun, seedToRun, stepSeed, writeSeeds } from '#renderer/commands/seeds.ts'
import { followSeeds } from '#renderer/run/follow-seeds.ts'
import { reduceRun } from '#renderer/run/reduce-run.ts'
import { createDocumentStore } from '#renderer/store/document-store.ts'
import { createRunStore } from '#renderer/store/run-store.ts'
import { changed, node, workflowOf } from '#test/workflow/documents.ts'

const place = { node: 'sampler', input: 'seed' }
const withSeed = (seed: string, control: SeedControl) =>
  changed('lcm-lora', { sampler: node('sampler', { seed }, { after: { seed: control } }) })

/** A document whose runs are told by hand. */
function open(workflow: Workflow, shown?: number) {
  const document = createDocumentStore(workflow)
  const run = createRunStore(shown)
  followSeeds({ document, run })
  const now = () => document.getState().workflow
  let sent = 0
  const tell = (job: Job) => run.setState((state) => reduceRun(state, { type: 'job', job }), true)
  return {
    document,
    run,
    now,
    tell,
    /** The seed in the field. */
    shows: () => now().nodes.sampler?.inputs.seed,
    next: () => seedToRun(now(), place, run.getState()),
    set: (seed: string) => document.commit(setInput(now(), undefined, 'sampler', 'seed', seed)),
    choose: (control: SeedControl) => document.commit(setAfter(now(), undefined, 'sampler', 'seed', control)),
    write: (text: string) => document.commit(setInput(now(), undefined, 'prompt', 'text', text)),
    steps: () => document.getState().past.length,
    /** Presses Run. @returns the job, and the seed that its workflow has */
    send() {
      sent += 1
      const seeds = seedsToRun(now(), run.getState())
      const sends = produce(now(), writeSeeds(now(), seeds)).nodes.sampler?.inputs.seed
      const job: Job = {
        id: `job-${sent}`,
        document: 'tab',
        name: '',
        state: 'waiting',
        live: false,
        submitted: sent,
        pictures: [],
        seeds,
      }
      tell(job)
      return { job, sends, end: (state: Job['state'] = 'done') => tell({ ...job, state, finished: sent }) }
    },
    /** Presses Run and waits for the picture. @returns the seed that drew it */
    draw() {
      const { sends, end } = this.send()
      end()
      return sends
    },
  }
}

describe('the field shows the seed of the picture on the node, and what comes next as next', () => {
  it.each<[SeedControl, string[]]>([
    ['fixed', ['42', '42', '42']],
    ['increment', ['42', '43', '44']],
    ['decrement', ['42', '41', '40']],
  ])('%s', (control, drawn) => {
    const tab = open(withSeed('42', control))
    for (const [index, seed] of drawn.entries()) {
      expect(tab.next()).toBe(seed)
      expect(tab.draw()).toBe(seed)
      expect([index, tab.shows()]).toEqual([index, seed])
    }
    expect(tab.steps()).toBe(0)
  })

  it('random: the next one is known beforehand, has 32 bits, and is another each time', () => {
    const tab = open(withSeed('42', 'random'))
    const drawn = ['42']
    expect(tab.draw()).toBe('42')
    for (let count = 0; count < 20; count++) {
      const next = tab.next()
      expect(tab.draw()).toBe(next)
      expect(tab.shows()).toBe(next)
      expect(BigInt(next ?? '') < 2n ** 32n).toBe(true)
      drawn.push(next ?? '')
    }
    expect(new Set(drawn).size).toBe(21)
  })

  it('steps in 64 bits', () => {
    const max = 2n ** 64n - 1n
    expect([stepSeed(max, 1n), stepSeed(0n, -1n), stepSeed(2n ** 53n, 1n)]).toEqual([0n, max, 2n ** 53n + 1n])
  })

  it('counts on from what was sent, and shows what has drawn', () => {
    const tab = open(withSeed('42', 'increment'))
    const [first, second, third] = [tab.send(), tab.send(), tab.send()]
    expect([first.sends, second.sends, third.sends]).toEqual(['42', '43', '44'])
    expect([tab.shows(), tab.next()]).toEqual(['42', '45'])
    first.end()
    second.end()
    expect([tab.shows(), tab.next()]).toEqual(['43', '45'])
    third.end('cancelled')
    expect(tab.shows()).toBe('43')
    expect(tab.draw()).toBe('45')
    expect(tab.shows()).toBe('45')
  })

  it('keeps what drew: after a run, with others under way, and after one that was cancelled', () => {
    const tab = open(withSeed('42', 'random'))
    tab.draw()
    const second = tab.draw()
    tab.choose('fixed')
    expect([tab.shows(), tab.next(), tab.draw()]).toEqual([second, second, second])
    tab.choose('random')
    const third = tab.send()
    expect(third.sends).not.toBe(second)
    third.end('cancelled')
    tab.choose('fixed')
    expect([tab.shows(), tab.next()]).toEqual([second, second])
  })

  it('draws next what the user sets, whatever is under way, and leaves it in the field', () => {
    const tab = open(withSeed('42', 'increment'))
    tab.draw()
    const under = tab.send()
    tab.set('7')
    expect(tab.next()).toBe('7')
    under.end()
    expect([tab.shows(), tab.next(), tab.draw(), tab.next()]).toEqual(['7', '7', '7', '8'])
  })

  it('goes on after a reload, also with what drew meanwhile, and leaves a seed that was set again', () => {
    const tab = open(withSeed('42', 'increment'))
    tab.draw()
    const [under, last] = [tab.send(), tab.send()]
    under.end()
    const jobs = [under.job, last.job].map((job): Job => ({ ...job, state: 'done', finished: 9 }))
    const again = open(tab.now(), tab.run.getState().drawn.at)
    for (const job of jobs) again.tell(job)
    expect([again.shows(), again.next()]).toEqual(['44', '45'])

    last.end()
    tab.set('42')
    const other = open(tab.now(), tab.run.getState().drawn.at)
    for (const job of jobs) other.tell(job)
    expect([other.shows(), other.next()]).toEqual(['42', '42'])
  })

  it('is that of the subgraph or of its instance, each seed by itself, and none where a link gives it', () => {
    const inner = (seed: WorkflowNode['inputs'][string]): Subgraph => ({
      inputs: { seed: { default: '9' } },
      outputs: {},
      nodes: { sampler: node('sampler', { seed }, { after: { seed: 'random' } }) },
    })
    const nodes = { whole: node('subgraph:given', {}, { after: { seed: 'increment' } }) }
    const workflow = workflowOf(nodes, { own: inner('9'), given: inner({ input: 'seed' }) })
    const runs = createRunStore().getState()
    const seeds = seedsToRun(workflow, runs)
    expect(seeds).toEqual([
      { node: 'whole', input: 'seed', before: '9', seed: '9' },
      { level: 'own', node: 'sampler', input: 'seed', before: '9', seed: '9' },
    ])
    const sent = { job: 'a', at: 1, seeds }
    const [whole, own] = seedsToRun(workflow, { sent, drawn: sent })
    expect(whole?.seed).toBe('10')
    expect(own?.seed).not.toBe('9')
    const written = produce(
      workflow,
      writeSeeds(workflow, [
        { ...whole, seed: '10' },
        { ...own, seed: '11' },
      ] as typeof seeds),
    )
    expect(written.nodes.whole?.inputs.seed).toBe('10')
    expect(written.subgraphs?.own?.nodes.sampler?.inputs.seed).toBe('11')
    expect(written.subgraphs?.given).toBe(workflow.subgraphs?.given)
  })

  it('passes over live runs and runs of some nodes', () => {
    const tab = open(withSeed('42', 'increment'))
    const seeds = seedsToRun(tab.now(), tab.run.getState())
    const job: Job = { ...tab.send().job, id: 'other', submitted: 9, state: 'done' }
    tab.run.setState(createRunStore().getState(), true)
    tab.tell({ ...job, live: true, seeds })
    const { seeds: _, ...partial } = job
    tab.tell(partial)
    expect(tab.next()).toBe('42')
  })
})

describe('runs are no steps of undo', () => {
  it('undo and redo of an edit leave the seed of the picture', () => {
    const tab = open(withSeed('42', 'increment'))
    tab.draw()
    tab.write('an owl')
    tab.draw()
    tab.write('two owls')
    tab.draw()
    expect([tab.steps(), tab.shows()]).toEqual([2, '44'])
    tab.document.undo()
    tab.document.undo()
    expect([tab.steps(), tab.shows(), tab.next()]).toEqual([0, '44', '45'])
    expect(tab.now().nodes.prompt?.inputs.text).toBe('a fox on a blue background')
    tab.draw()
    tab.document.redo()
    tab.document.redo()
    expect(tab.shows()).toBe('45')
    expect(tab.now().nodes.prompt?.inputs.text).toBe('two owls')
    tab.document.undo()
    expect([tab.shows(), tab.now().nodes.prompt?.inputs.text]).toEqual(['45', 'an owl'])
  })

  it('undo of a seed that was set brings back the one that had drawn before', () => {
    const tab = open(withSeed('42', 'increment'))
    tab.draw()
    tab.draw()
    tab.set('7')
    tab.draw()
    tab.draw()
    expect(tab.shows()).toBe('8')
    tab.document.undo()
    expect([tab.shows(), tab.next()]).toEqual(['43', '43'])
    tab.document.redo()
    expect(tab.shows()).toBe('7')
  })

  it('is so in the middle of typing, of a node that is added or removed, and of a seed that was never set', () => {
    const tab = open(changed('lcm-lora', { sampler: node('sampler', {}, { after: { seed: 'increment' } }) }))
    const type = (text: string) =>
      tab.document.commit(setInput(tab.now(), undefined, 'prompt', 'text', text, { group: 'text' }))
    type('a')
    tab.draw()
    tab.draw()
    type('ab')
    expect([tab.steps(), tab.shows()]).toEqual([1, '1'])
    tab.document.undo()
    expect(tab.shows()).toBe('1')
    tab.document.commit({ label: '', apply: ({ nodes }) => void delete nodes.sampler })
    tab.document.undo()
    expect(tab.shows()).toBe('1')
    tab.document.commit(renameNode(tab.now(), undefined, 'sampler', 'Four steps'))
    tab.draw()
    tab.document.undo()
    expect(tab.shows()).toBe('2')
    expect(tab.now().nodes.sampler?.title).toBeUndefined()
  })
})
