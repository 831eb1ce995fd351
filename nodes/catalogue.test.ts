import { describe, expect, it } from 'vitest'
import { LoomError } from '#core/errors.ts'
import { factsOf, nothingKnown } from '#core/types/facts.ts'
import { narrowed, readConstant } from '#core/workflow/constant.ts'
import type { NodeType } from '#core/workflow/node-type.ts'
import { catalogue } from './catalogue.ts'

const words = (text: string): void => expect(text.trim()).toMatch(/^["A-Z0-9].*[.]$/s)

describe.each([...catalogue.values()].map((node): [string, NodeType] => [node.type, node]))('%s', (type, node) => {
  it('says what it is for, and what every port is', () => {
    expect(type).toMatch(/^[a-z0-9-]+$/)
    expect(node.title).toMatch(/^[A-Z]/)
    words(node.description)
    words(node.docs ?? '')
    for (const [name, port] of [...Object.entries(node.inputs), ...Object.entries(node.outputs)]) {
      expect(name).toMatch(/^[a-z][A-Za-z]*\d?$/)
      expect(port.label).toMatch(/^[A-Z]/)
      words(port.description)
    }
  })

  it('has defaults within their limits, and says the limits', () => {
    for (const input of Object.values(node.inputs)) {
      if (input.default !== undefined) expect(readConstant(input.type, input.default, input.label)).toBe(input.default)
      if (input.type.kind === 'choice') expect(Object.keys(input.titles ?? {})).toEqual(input.type.options)
      if (input.type.kind === 'int' || input.type.kind === 'float')
        expect(input.description).toContain(`${input.type.max}`)
    }
  })

  it('infers every output when nothing is known, and when everything is at its default', () => {
    const ports = Object.entries(node.inputs)
    const open = ports.map(([name, { type, optional }]) => [name, optional ? undefined : type])
    const defaults = ports.map(([name, { type, default: value }]) => [
      name,
      value === undefined ? type : narrowed(type, value),
    ])
    for (const inputs of [Object.fromEntries(open), Object.fromEntries(defaults)]) {
      expect(Object.keys(node.infer(inputs, nothingKnown))).toEqual(Object.keys(node.outputs))
      expect(node.check?.(inputs, nothingKnown)).toBeUndefined()
    }
  })

  it('has a migration to every version from the second on', () => {
    const versions = Array.from({ length: node.version - 1 }, (_, index) => String(index + 2))
    expect(Object.keys(node.migrate ?? {})).toEqual(versions)
  })
})

describe('check', () => {
  const check = (type: string, inputs: Parameters<NodeType['infer']>[0], facts = nothingKnown) =>
    catalogue.get(type)?.check?.(inputs, facts)
  const int = (value: number) => ({ kind: 'int', min: value, max: value, multipleOf: 1 }) as const

  it('refuses more LCM steps than the grid has', () => {
    expect(check('lcm-scheduler', { steps: int(51), originalSteps: int(50) })).toMatchObject({
      code: 'range',
      input: 'steps',
    })
    expect(check('lcm-scheduler', { steps: int(50), originalSteps: int(50) })).toBeUndefined()
  })

  it('refuses a LoRA of another family, naming both', () => {
    const facts = factsOf(new Map([['lora:xl.safetensors', { kind: 'lora', family: 'sdxl' }]]))
    const file = { kind: 'file', of: 'lora', name: 'xl.safetensors' } as const
    const error = check('lora', { model: { kind: 'model', family: 'sd1' }, file }, facts)
    expect(error).toBeInstanceOf(LoomError)
    expect(error?.message).toBe(
      'What is given as file is made for Stable Diffusion XL; the model is Stable Diffusion 1.x.',
    )
  })

  it('refuses conditioning and latents that the model cannot take', () => {
    const latent = { kind: 'latent', channels: 4, width: 512, height: 512 } as const
    const positive = { kind: 'conditioning', family: 'sdxl' } as const
    const model = { kind: 'model', family: 'sd1' } as const
    expect(check('sampler', { model, positive, latent })).toMatchObject({ code: 'mismatch', input: 'positive' })
    expect(check('sampler', { model, latent: { ...latent, channels: 16 } })).toMatchObject({ input: 'latent' })
  })
})
