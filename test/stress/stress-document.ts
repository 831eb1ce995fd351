import type { InputValue, Workflow, WorkflowNode } from '#core/workflow/document.ts'
import { catalogue } from '#nodes/catalogue.ts'

const perRow = 32
const column = 288
const row = 480

const words =
  'a fox of paper in a field of tall grass at dusk, soft light, wide angle, muted colours, fine detail'.split(' ')

/** A text of some length, different for each seed, without chance. */
const textOf = (seed: number): string =>
  Array.from({ length: 12 + (seed % 60) }, (_, index) => words[(seed * 7 + index * 5) % words.length]).join(' ')

/**
 * A document of many nodes of all kinds, linked as people link them: ways to a picture, each with a second round, some of
 * which start from the picture of another.
 * @param size how many nodes it has at least
 */
export function stressDocument(size: number): Workflow {
  const nodes: Record<string, WorkflowNode> = {}
  let count = 0
  const add = (type: string, inputs: Record<string, InputValue>): string => {
    const id = `${type}-${count}`
    const at: [number, number] = [(count % perRow) * column, Math.floor(count / perRow) * row]
    nodes[id] = { type, version: catalogue.get(type)?.version ?? 1, at, inputs }
    count += 1
    return id
  }
  const link = (node: string, output: string): InputValue => ({ link: [node, output] })

  let picture: string | undefined
  while (count < size) {
    const checkpoint = add('checkpoint', { file: 'emoji-tiny.safetensors' })
    const style = add('lora', {
      model: link(checkpoint, 'model'),
      clip: link(checkpoint, 'clip'),
      file: 'emoji-tiny-sketch-lora.safetensors',
      modelStrength: 0.7,
    })
    const fast = add('lora', {
      model: link(style, 'model'),
      clip: link(style, 'clip'),
      file: 'emoji-tiny-lcm-lora.safetensors',
    })
    const positive = add('prompt', { clip: link(fast, 'clip'), text: textOf(count) })
    const negative = add('prompt', { clip: link(fast, 'clip'), text: textOf(count + 1) })
    const scheduler = add('lcm-scheduler', { steps: 4 })
    const empty = add('empty-latent', { width: 64, height: 64 })
    const sampler = add('sampler', {
      model: link(fast, 'model'),
      positive: link(positive, 'conditioning'),
      negative: link(negative, 'conditioning'),
      latent: link(empty, 'latent'),
      scheduler: link(scheduler, 'scheduler'),
      seed: String(count),
    })
    const decode = add('vae-decode', { vae: link(checkpoint, 'vae'), latent: link(sampler, 'latent') })
    add('save-image', { image: link(decode, 'image'), prefix: `stress-${count}` })

    const loaded = add('load-image', { file: 'fox.png' })
    const encode = add('vae-encode', { vae: link(checkpoint, 'vae'), image: link(picture ?? loaded, 'image') })
    const slow = add('scheduler', { steps: 8 })
    const again = add('sampler', {
      model: link(fast, 'model'),
      positive: link(positive, 'conditioning'),
      negative: link(negative, 'conditioning'),
      latent: link(encode, 'latent'),
      scheduler: link(slow, 'scheduler'),
      seed: String(count),
      strength: 0.5,
    })
    const final = add('vae-decode', { vae: link(checkpoint, 'vae'), latent: link(again, 'latent') })
    add('save-image', { image: link(final, 'image'), prefix: `stress-${count}` })
    picture = final
  }
  return { format: 'latent-loom', version: 1, name: `Stress, ${count} nodes`, nodes }
}
