import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isLink, type Workflow, workflowSchema } from '#core/workflow/document.ts'
import { parseWorkflow } from '#core/workflow/parse.ts'
import { printWorkflow } from '#core/workflow/print.ts'
import { catalogue } from '#nodes/catalogue.ts'
import { align, distribute } from '#renderer/commands/arrange.ts'
import { copyItems, duplicate, paste } from '#renderer/commands/clipboard.ts'
import { collapseToSubgraph } from '#renderer/commands/collapse.ts'
import { expandSubgraph } from '#renderer/commands/expand.ts'
import { fixesFor } from '#renderer/commands/fixes.ts'
import { addFormField, moveFormField, removeFormField, renameFormField } from '#renderer/commands/form.ts'
import { addFrame, setFrameBox } from '#renderer/commands/frames.ts'
import { connect, disconnect, insertOnLink, moveLink, setVia, swapInputs } from '#renderer/commands/links.ts'
import {
  addNode,
  moveItems,
  removeItems,
  renameNode,
  setAfter,
  setCollapsed,
  setInput,
  setNodeState,
} from '#renderer/commands/nodes.ts'
import { addNote, resizeNote, setNoteText } from '#renderer/commands/notes.ts'
import { replaceNode } from '#renderer/commands/replace.ts'
import {
  exposeInput,
  exposeOutput,
  hideInput,
  hideOutput,
  renameSubgraph,
  renameSubgraphPort,
} from '#renderer/commands/subgraphs.ts'
import type { Command } from '#renderer/store/command.ts'
import { createDocumentStore } from '#renderer/store/document-store.ts'
import { frameKey, graphAt, type Level, linksIn, noteKey } from '#renderer/store/graph.ts'
import { inferTab } from '#renderer/store/infer.ts'
import { signatureIn } from '#renderer/store/signatures.ts'
import type { PortRef } from '#renderer/store/ui.ts'
import { parseFragment } from '#renderer/workspace/read-document.ts'
import { template } from '#test/workflow/documents.ts'
import { edited, meaningOf } from './edited.ts'

const templates = ['lcm-lora', 'style-and-lcm-lora', 'image-to-image', 'ddim-25']

/** Chance as a list of numbers, so that failures shrink. */
class Dice {
  readonly #rolls: readonly number[]
  #next = 0

  constructor(rolls: readonly number[]) {
    this.#rolls = rolls
  }

  number(below: number): number {
    this.#next += 1
    return (this.#rolls[this.#next % this.#rolls.length] ?? 0) % Math.max(1, below)
  }

  of<T>(items: readonly T[]): T | undefined {
    return items[this.number(items.length)]
  }

  some<T>(items: readonly T[]): T[] {
    return items.filter(() => this.number(2) === 1)
  }
}

/** A canvas of the document, and chance. */
interface Turn {
  readonly workflow: Workflow
  readonly level: Level
  readonly dice: Dice
  readonly node: string
  readonly input: string
}

const sizes = new Map()

function endsOf({ workflow, level }: Turn) {
  const graph = graphAt(workflow, level)
  return graph ? [...linksIn(graph)].map(([end]) => end) : []
}

function port({ workflow, level, dice }: Turn, side: PortRef['side']): PortRef {
  const nodes = graphAt(workflow, level)?.nodes ?? {}
  const node = dice.of(Object.keys(nodes)) ?? 'gone'
  const of = nodes[node]
  const signature = of && signatureIn(workflow, of)
  const ports = Object.keys(signature?.[side === 'input' ? 'inputs' : 'outputs'] ?? {})
  return { node, port: dice.of(ports) ?? 'gone', side }
}

function keysOf({ workflow, level }: Turn): string[] {
  const { nodes = {}, frames = [], notes = [] } = graphAt(workflow, level) ?? {}
  return [...Object.keys(nodes), ...frames.map((_, at) => frameKey(at)), ...notes.map((_, at) => noteKey(at))]
}

const point = ({ dice }: Turn): [number, number] => [dice.number(1000) - 200, dice.number(1000) - 200]
const subgraphIn = ({ workflow, dice }: Turn): string => dice.of(Object.keys(workflow.subgraphs ?? {})) ?? 'gone'

/** Every command with arguments by chance. */
const moves: Readonly<Record<string, (turn: Turn) => Command | undefined>> = {
  add: (turn) => {
    const types = [...catalogue.keys(), ...Object.keys(turn.workflow.subgraphs ?? {}).map((id) => `subgraph:${id}`)]
    const from = port(turn, turn.dice.number(2) ? 'input' : 'output')
    const onLink = turn.dice.of(endsOf(turn))
    return addNode(turn.workflow, turn.level, {
      type: turn.dice.of(types) ?? 'prompt',
      at: point(turn),
      ...(turn.dice.number(2) && { from }),
      ...(turn.dice.number(2) && onLink && { onLink }),
    })
  },
  remove: (turn) => removeItems(turn.workflow, turn.level, [turn.dice.of(keysOf(turn)) ?? 'gone']),
  heal: ({ workflow, level, node }) => removeItems(workflow, level, [node], { heal: true }),
  removeMany: (turn) => removeItems(turn.workflow, turn.level, turn.dice.some(keysOf(turn)).slice(0, 3)),
  move: (turn) =>
    moveItems(
      turn.workflow,
      turn.level,
      new Map(turn.dice.some(keysOf(turn)).map((key) => [key, point(turn)])),
      'drag',
    ),
  set: ({ workflow, level, dice, node, input }) =>
    setInput(workflow, level, node, input, dice.of(['7', 4, 'words', { const: { a: 1 } }, undefined]), {
      group: `${node}.${input}`,
    }),
  after: ({ workflow, level, dice, node }) =>
    setAfter(workflow, level, node, 'seed', dice.of(['random', 'increment', 'decrement', 'fixed'] as const) ?? 'fixed'),
  rename: ({ workflow, level, dice, node }) => renameNode(workflow, level, node, dice.of(['Fox', '', 'sampler']) ?? ''),
  state: ({ workflow, level, dice, node }) =>
    setNodeState(workflow, level, [node], dice.of(['on', 'mute', 'bypass'] as const) ?? 'on'),
  collapsed: ({ workflow, level, dice, node }) => setCollapsed(workflow, level, [node], dice.number(2) === 1),
  replace: ({ workflow, level, dice, node }) =>
    replaceNode(workflow, level, node, dice.of([...catalogue.keys()]) ?? 'prompt'),
  connect: (turn) => connect(turn.workflow, turn.level, port(turn, 'input'), port(turn, 'output')),
  disconnect: (turn) => disconnect(turn.workflow, turn.level, turn.dice.some(endsOf(turn)).slice(0, 2)),
  moveLink: (turn) => {
    const end = turn.dice.of(endsOf(turn))
    const to = port(turn, 'input')
    return end && moveLink(turn.workflow, turn.level, end, { node: to.node, input: to.port })
  },
  via: (turn) => {
    const end = turn.dice.of(endsOf(turn))
    return end && setVia(turn.workflow, turn.level, end, turn.dice.number(2) ? [point(turn)] : [])
  },
  insert: (turn) => {
    const end = turn.dice.of(endsOf(turn))
    return end && insertOnLink(turn.workflow, turn.level, turn.node, end)
  },
  swap: (turn) => {
    const other = Object.keys(graphAt(turn.workflow, turn.level)?.nodes[turn.node]?.inputs ?? {})
    return swapInputs(turn.workflow, turn.level, turn.node, turn.input, turn.dice.of(other) ?? 'gone')
  },
  fix: (turn) => {
    const { workflow, level, node, input, dice } = turn
    return dice.of(fixesFor(workflow, level, { node, input }, { types: () => undefined, spotFor: (_, at) => at }))
      ?.command
  },
  align: (turn) => align(turn.workflow, turn.level, turn.dice.some(keysOf(turn)), 'middle', sizes),
  distribute: (turn) => distribute(turn.workflow, turn.level, turn.dice.some(keysOf(turn)), 'horizontal', sizes),
  frame: (turn) => addFrame(turn.workflow, turn.level, turn.dice.some(keysOf(turn)), sizes),
  box: ({ workflow, level, dice }) =>
    setFrameBox(workflow, level, dice.number(3), { x: 1, y: 2, width: dice.number(90), height: 9 }),
  note: (turn) => addNote(turn.workflow, turn.level, point(turn), '# Note'),
  noteText: ({ workflow, level, dice }) => setNoteText(workflow, level, dice.number(3), 'Other', 'note'),
  noteSize: ({ workflow, level, dice }) =>
    resizeNote(workflow, level, dice.number(3), { width: 100 + dice.number(9), height: 80 }),
  paste: (turn) => {
    const text = copyItems(turn.workflow, turn.level, turn.dice.some(keysOf(turn)).slice(0, 4))
    const fragment = parseFragment(text)
    const keepLinks = turn.dice.number(2) === 1
    return fragment && paste(turn.workflow, turn.level, fragment, point(turn), { keepLinks })
  },
  duplicate: (turn) => duplicate(turn.workflow, turn.level, turn.dice.some(keysOf(turn)).slice(0, 4)),
  subgraph: (turn) =>
    collapseToSubgraph(turn.workflow, turn.level, turn.dice.some(keysOf(turn)), turn.dice.of(['Draw', 'Ä', '']) ?? ''),
  expand: (turn) => {
    const nodes = Object.entries(graphAt(turn.workflow, turn.level)?.nodes ?? {})
    const instance = turn.dice.of(nodes.filter(([, { type }]) => type.startsWith('subgraph:')))
    return instance && expandSubgraph(turn.workflow, turn.level, instance[0])
  },
  expose: (turn) => exposeInput(turn.workflow, turn.level ?? 'gone', turn.node, turn.input),
  hide: (turn) => {
    const id = subgraphIn(turn)
    const inputs = Object.keys(turn.workflow.subgraphs?.[id]?.inputs ?? {})
    return hideInput(turn.workflow, id, turn.dice.of(inputs) ?? 'gone')
  },
  exposeOutput: (turn) => {
    const { node, port: output } = port(turn, 'output')
    return exposeOutput(turn.workflow, turn.level ?? 'gone', node, output)
  },
  hideOutput: (turn) => {
    const id = subgraphIn(turn)
    const outputs = Object.keys(turn.workflow.subgraphs?.[id]?.outputs ?? {})
    return hideOutput(turn.workflow, id, turn.dice.of(outputs) ?? 'gone')
  },
  renameSubgraph: (turn) => renameSubgraph(turn.workflow, subgraphIn(turn), turn.dice.of(['A', '']) ?? ''),
  renamePort: (turn) => {
    const id = subgraphIn(turn)
    const inputs = Object.keys(turn.workflow.subgraphs?.[id]?.inputs ?? {})
    return renameSubgraphPort(turn.workflow, id, 'inputs', turn.dice.of(inputs) ?? 'gone', 'Label')
  },
  field: ({ workflow, level, node, input }) => (level === undefined ? addFormField(workflow, node, input) : undefined),
  removeField: ({ workflow, dice }) => removeFormField(workflow, dice.number(4)),
  moveField: ({ workflow, dice }) => moveFormField(workflow, dice.number(4), dice.number(4)),
  renameField: ({ workflow, dice }) => renameFormField(workflow, dice.number(4), dice.of(['seed', 'x', ' ']) ?? ''),
}

type Move = readonly [keyof typeof moves, readonly number[]]
const move: fc.Arbitrary<Move> = fc.tuple(
  fc.constantFrom(...Object.keys(moves)),
  fc.array(fc.nat(9999), { minLength: 6, maxLength: 24 }),
)
const game = fc.tuple(fc.constantFrom(...templates), fc.array(move, { minLength: 1, maxLength: 30 }))

function commandOf(workflow: Workflow, [name, rolls]: Move): Command | undefined {
  const dice = new Dice(rolls)
  const level = dice.of([undefined, ...Object.keys(workflow.subgraphs ?? {})])
  const nodes = graphAt(workflow, level)?.nodes ?? {}
  const node = dice.of(Object.keys(nodes)) ?? 'gone'
  const at = nodes[node]
  const inputs = Object.keys((at && signatureIn(workflow, at)?.inputs) ?? {})
  return moves[name]?.({ workflow, level, dice, node, input: dice.of(inputs) ?? 'gone' })
}

/** Fields of the form whose inputs hold constants, so that they can be set. */
const namesOf = ({ form = [], nodes }: Workflow): string[] =>
  form
    .filter(({ input: [node, input] }) => {
      const value = nodes[node]?.inputs[input]
      return value === undefined || typeof value !== 'object' || !isLink(value)
    })
    .map(({ name }) => name)

/** A document that was played with. */
function played([name, sequence]: readonly [string, readonly Move[]]) {
  const store = createDocumentStore(template(name))
  for (const next of sequence) {
    const { workflow } = store.getState()
    const command = commandOf(workflow, next)
    if (command) store.commit(command)
  }
  return store
}

describe('random commands', () => {
  it('are undone to the first state and redone to the last, and leave every state as it was', () => {
    fc.assert(
      fc.property(game, ([name, sequence]) => {
        const store = createDocumentStore(template(name))
        const states = [structuredClone(store.getState().workflow)]
        for (const next of sequence) {
          const command = commandOf(store.getState().workflow, next)
          if (command) store.commit(command)
          store.endGroup()
          const { past, workflow } = store.getState()
          if (past.length === states.length) states.push(structuredClone(workflow))
        }
        expect(store.getState().past).toHaveLength(states.length - 1)
        for (const state of states.slice(0, -1).reverse()) {
          store.undo()
          expect(store.getState().workflow).toEqual(state)
        }
        expect(store.undo()).toBeUndefined()
        while (store.redo()) {}
        expect(store.getState().workflow).toEqual(states.at(-1))
      }),
      { numRuns: 150 },
    )
  })

  it('leave a document that is well formed, is read as it was saved, and can be thought about', () => {
    fc.assert(
      fc.property(game, (play) => {
        const { workflow } = played(play).getState()
        expect(workflowSchema.safeParse(workflow).error).toBeUndefined()
        expect(parseWorkflow(printWorkflow(workflow))).toEqual(JSON.parse(JSON.stringify(workflow)))
        const { problems } = inferTab(workflow, new Map())
        expect([...problems.values()].flat().filter(({ code }) => code === 'internal')).toEqual([])
      }),
      { numRuns: 150 },
    )
  })

  it('name what they did', () => {
    fc.assert(
      fc.property(game, (play) => {
        for (const { label } of played(play).getState().past) expect(label).toMatch(/^[A-Z][^{}]*$/)
      }),
      { numRuns: 50 },
    )
  })
})

describe('subgraphs', () => {
  it('are made and expanded without changing the plan', () => {
    let compared = 0
    fc.assert(
      fc.property(game, fc.array(fc.nat(9999), { minLength: 6, maxLength: 24 }), ([name, sequence], rolls) => {
        const { workflow } = played([name, sequence.slice(0, 4)]).getState()
        const dice = new Dice(rolls)
        const meaning = meaningOf(workflow)
        if (meaning === 'invalid') return
        compared += 1
        const level = dice.of([undefined, ...Object.keys(workflow.subgraphs ?? {})])
        const ids = dice.some(Object.keys(graphAt(workflow, level)?.nodes ?? {}))
        const collapsed = edited(workflow, (now) => collapseToSubgraph(now, level, ids, 'Part'))
        expect(meaningOf(collapsed)).toEqual(meaning)
        const nodes = graphAt(collapsed, level)?.nodes ?? {}
        const instance = dice.of(Object.keys(nodes).filter((id) => nodes[id]?.type.startsWith('subgraph:')))
        if (instance === undefined) return
        const expanded = edited(collapsed, (now) => expandSubgraph(now, level, instance))
        expect(meaningOf(expanded)).toEqual(meaning)
        expect(namesOf(expanded)).toEqual(namesOf(workflow))
        for (const state of ['mute', 'bypass'] as const) {
          const off = edited(collapsed, (now) => setNodeState(now, level, [instance], state))
          const opened = edited(off, (now) => expandSubgraph(now, level, instance))
          expect(meaningOf(opened)).toEqual(meaningOf(off))
        }
      }),
      { numRuns: 200 },
    )
    expect(compared).toBeGreaterThan(20)
  })

  it('show and hide inputs without changing the plan', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...templates),
        fc.array(fc.nat(9999), { minLength: 6, maxLength: 24 }),
        (name, rolls) => {
          const dice = new Dice(rolls)
          const start = template(name)
          const ids = dice.some(Object.keys(start.nodes))
          const collapsed = edited(start, (now) => collapseToSubgraph(now, undefined, ids, 'Part'))
          const inner = collapsed.subgraphs?.part
          if (!inner) return
          const node = dice.of(Object.keys(inner.nodes)) ?? ''
          const held = inner.nodes[node]
          const constants = Object.keys((held && signatureIn(collapsed, held)?.inputs) ?? {}).filter((input) => {
            const value = held?.inputs[input]
            return value === undefined || typeof value !== 'object'
          })
          const input = dice.of(constants)
          if (input === undefined) return
          const exposed = edited(collapsed, (now) => exposeInput(now, 'part', node, input))
          expect(meaningOf(exposed)).toEqual(meaningOf(start))
          const [port = ''] = Object.keys(exposed.subgraphs?.part?.inputs ?? {}).slice(-1)
          const hidden = edited(exposed, (now) => hideInput(now, 'part', port))
          expect(meaningOf(hidden)).toEqual(meaningOf(start))
          expect(hidden.subgraphs).toEqual(collapsed.subgraphs)
        },
      ),
    )
  })
})

describe('copies', () => {
  it('have the structure of what was copied', () => {
    fc.assert(
      fc.property(game, fc.array(fc.nat(9999), { minLength: 6, maxLength: 24 }), (play, rolls) => {
        const { workflow } = played(play).getState()
        const fragment = parseFragment(
          copyItems(workflow, undefined, new Dice(rolls).some(Object.keys(workflow.nodes))),
        )
        expect(fragment).toBeDefined()
        if (!fragment) return
        const command = paste(workflow, undefined, fragment, [0, 0])
        const pasted = edited(workflow, () => command)
        const ids = new Map(Object.keys(fragment.nodes).map((id, index) => [id, command.select?.[index] ?? '']))
        for (const [id, node] of Object.entries(fragment.nodes)) {
          const copy = pasted.nodes[ids.get(id) ?? '']
          const { at: _, inputs, ...rest } = node
          expect(copy).toMatchObject(rest)
          for (const [input, value] of Object.entries(inputs)) {
            if (!isLink(value)) expect(copy?.inputs[input]).toEqual(value)
            else {
              const source = ids.get(value.link[0])
              const link = source === undefined ? undefined : expect.objectContaining({ link: [source, value.link[1]] })
              expect(copy?.inputs[input]).toEqual(link)
            }
          }
        }
        // What was there is as it was.
        for (const [id, node] of Object.entries(workflow.nodes)) expect(pasted.nodes[id]).toBe(node)
        expect(Object.keys(pasted.nodes)).toHaveLength(Object.keys(workflow.nodes).length + ids.size)
      }),
    )
  })
})

describe('healing', () => {
  it('leaves the plan that bypassing leaves', () => {
    for (const name of templates) {
      const workflow = template(name)
      for (const id of Object.keys(workflow.nodes)) {
        const bypassed = edited(workflow, (now) => setNodeState(now, undefined, [id], 'bypass'))
        const healed = edited(workflow, (now) => removeItems(now, undefined, [id], { heal: true }))
        expect(meaningOf(healed), `${name} without ${id}`).toEqual(meaningOf(bypassed))
      }
    }
    expect(inferTab(template('lcm-lora'), new Map()).problems.size).toBe(0)
  })
})
