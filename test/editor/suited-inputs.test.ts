import { describe, expect, it, test } from 'vitest'
import { type FileKnowledge, factKey } from '#core/types/facts.ts'
import type { Workflow } from '#core/workflow/document.ts'
import { fixesFor } from '#renderer/commands/fixes.ts'
import { setInput } from '#renderer/commands/nodes.ts'
import { suitedInputs } from '#renderer/commands/surroundings.ts'
import { inferTab } from '#renderer/store/infer.ts'
import { checkpointFact, link, node, template, workflowOf } from '#test/workflow/documents.ts'
import { edited } from './edited.ts'

const sizes = { tiny: 128, sd1: 512, sdxl: 1024, unknown: undefined }
const facts = new Map<string, FileKnowledge>(
  Object.entries(sizes).map(([name, pictureSize]) => [
    factKey('checkpoint', `${name}.safetensors`),
    { ...checkpointFact, ...(pictureSize !== undefined && { pictureSize }) },
  ]),
)
const around = (workflow: Workflow) => {
  const { outputs } = inferTab(workflow, facts)
  return { types: (id: string) => outputs.get(id), spotFor: (_: unknown, at: readonly [number, number]) => at }
}
const model = (name: keyof typeof sizes) => node('checkpoint', { file: `${name}.safetensors` })
const square = (side: number) => ({ width: side, height: side })
const inputsFor = (nodes: Workflow['nodes'], type = 'empty-latent', near?: string) => {
  const workflow = workflowOf(nodes)
  return suitedInputs(workflow, undefined, type, around(workflow), near)
}

describe('a new Empty Latent takes', () => {
  const both = { a: model('sd1'), b: model('sdxl'), s: node('sampler', { model: link('b', 'model') }) }
  test.each([
    ['the size of the one model', inputsFor({ a: model('sdxl') }), square(1024)],
    [
      'that of a model behind a LoRA',
      inputsFor({ a: model('tiny'), l: node('lora', { model: link('a', 'model') }) }),
      square(128),
    ],
    ['its default, if that is the size', inputsFor({ a: model('sd1') }), {}],
    ['its default without a model', inputsFor({}), {}],
    ['its default for a model that is not known', inputsFor({ a: model('unknown') }), {}],
    ['its default among models of several sizes', inputsFor(both), {}],
    ['the size of the model of the node that it is for', inputsFor(both, 'empty-latent', 's'), square(1024)],
    ['the size of two models of one size', inputsFor({ a: model('sdxl'), b: model('sdxl') }), square(1024)],
  ])('%s', (_, inputs, expected) => {
    expect(inputs).toEqual(expected)
  })

  it('it alone: other nodes keep their defaults', () => {
    for (const type of ['sampler', 'solid-mask', 'scale-image', 'nobody'])
      expect(inputsFor({ a: model('sdxl') }, type)).toEqual({})
  })

  it('also when a fix adds it', () => {
    const lcm = template('lcm-lora')
    const { latent: _, ...nodes } = lcm.nodes
    const open = edited({ ...lcm, nodes: { ...nodes, checkpoint: model('sdxl') } }, (now) =>
      setInput(now, undefined, 'sampler', 'latent', undefined),
    )
    const fix = fixesFor(open, undefined, { node: 'sampler', input: 'latent' }, around(open)).find(
      ({ label }) => label === 'Add Empty Latent',
    )
    const fixed = edited(open, () => fix?.command ?? { label: '', apply: () => undefined })
    expect(fixed.nodes['empty-latent']?.inputs).toEqual(square(1024))
  })
})
