import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ConditioningCombination, ConditioningEdit } from '#core/plan/conditioning-edit.ts'
import type { Conditioning, ConditioningPart, SessionValue } from '#engine/runtime/values.ts'
import { createPredictor } from '#engine/steps/predictor.ts'
import { stepRules } from '#engine/steps/rules.ts'
import { asKind } from '#engine/steps/source.ts'
import { type FloatTensor, zeros } from '#engine/tensor/float-tensor.ts'
import { goldenCheckpoint } from '../golden-networks.ts'
import { largestDifference } from '../goldens.ts'
import { sample } from '../onnx.ts'
import { stepContext, unetSession } from '../step-context.ts'

const tensor = (shape: readonly number[], ...values: number[]): FloatTensor => ({
  data: Float32Array.from(values),
  shape,
})
const prompt = (context: FloatTensor, more: Partial<ConditioningPart> = {}): Conditioning => ({
  parts: [{ context, strength: 1, range: [0, 1], ...more }],
})
const edit = (conditioning: Conditioning, what: ConditioningEdit) =>
  stepRules['edit-conditioning'].run(stepContext(), { conditioning }, { edit: what })
const combine = (first: Conditioning, second: Conditioning, how: ConditioningCombination) =>
  stepRules['combine-conditionings'].run(stepContext(), { first, second }, { how })
const maskBy = (conditioning: Conditioning, mask: FloatTensor, strength = 1) =>
  stepRules['mask-conditioning'].run(stepContext(), { conditioning, mask: { tensor: mask } }, { strength })

describe('combinations of conditionings', () => {
  const short = prompt(tensor([1, 2, 2], 1, 2, 3, 4), { pooled: tensor([1, 2], 1, 3) })
  const long = prompt(tensor([1, 3, 2], 5, 6, 7, 8, 9, 10), { pooled: tensor([1, 2], 5, 11), strength: 2 })

  it('keep the parts of both', async () => {
    expect(await combine(short, long, { kind: 'combine' })).toEqual({ parts: [...short.parts, ...long.parts] })
  })

  it('average context and pooled text, as long as the first', async () => {
    const half = { kind: 'average', amount: 0.25 } as const
    const [cut] = (await combine(short, long, half)).parts
    expect(cut).toMatchObject({ context: tensor([1, 2, 2], 2, 3, 4, 5), pooled: tensor([1, 2], 2, 5), strength: 1 })
    const [filled] = (await combine(long, short, half)).parts
    expect(filled?.context).toEqual(tensor([1, 3, 2], 4, 5, 6, 7, 6.75, 7.5))
    expect(filled?.strength).toBe(2)
  })

  it('put the tokens of the second behind those of each part of the first', async () => {
    const both = await combine(short, long, { kind: 'combine' })
    const { parts } = await combine(both, short, { kind: 'concat' })
    expect(parts.map(({ context }) => context.shape[1])).toEqual([4, 5])
    expect(parts[0].context).toEqual(tensor([1, 4, 2], 1, 2, 3, 4, 1, 2, 3, 4))
    expect(parts[0].pooled).toEqual(short.parts[0].pooled)
  })

  it.each(['average', 'concat'] as const)('refuse to %s contexts of two widths', async (kind) => {
    const other = prompt(zeros([1, 2, 3]))
    await expect(combine(short, other, { kind, amount: 0.5 })).rejects.toMatchObject({ code: 'mismatch' })
  })
})

describe('edits of a conditioning', () => {
  const both: Conditioning = {
    parts: [
      ...prompt(tensor([1, 1, 2], 1, 2), { pooled: tensor([1, 1], 3) }).parts,
      ...prompt(tensor([1, 1, 2], 3, 4)).parts,
    ],
  }
  const area = { x: 0.5, y: 0, width: 0.5, height: 1 }

  it('hold for every part', async () => {
    const placed = await edit(both, { kind: 'area', area, strength: 0.5 })
    expect(placed.parts.map((part) => [part.area, part.strength])).toEqual([
      [area, 0.5],
      [area, 0.5],
    ])
    const timed = await edit(placed, { kind: 'range', start: 0.2, end: 0.6 })
    expect(timed.parts.map(({ range }) => range)).toEqual([
      [0.2, 0.6],
      [0.2, 0.6],
    ])
    const sized = await edit(timed, { kind: 'size', size: { originalWidth: 512 } })
    expect(sized.parts[1]).toMatchObject({ area, strength: 0.5, range: [0.2, 0.6], size: { originalWidth: 512 } })
  })

  it('make zeros of context and pooled text', async () => {
    const { parts } = await edit(both, { kind: 'zero' })
    expect(parts.map(({ context }) => context)).toEqual([zeros([1, 1, 2]), zeros([1, 1, 2])])
    expect(parts[0].pooled).toEqual(zeros([1, 1]))
    expect(parts[1]).not.toHaveProperty('pooled')
  })

  it('take the first mask of a batch', async () => {
    const { parts } = await maskBy(both, tensor([2, 1, 1, 2], 0, 1, 1, 0), 3)
    expect(parts[1]).toMatchObject({ mask: tensor([1, 1, 1, 2], 0, 1), strength: 3 })
  })
})

describe('what the UNet is asked', () => {
  const shape = [2, 4, 8, 12]
  const latent = sample(shape).data
  const context = (scale: number, tokens = 77): FloatTensor => ({
    data: sample([1, tokens, 64]).data.map((value) => value * scale),
    shape: [1, tokens, 64],
  })
  const [fox, owl] = [prompt(context(1)), prompt(context(-0.7))]
  const [left, right] = [
    tensor([1, 1, 1, 12], ...Array(6).fill(1), ...Array(6).fill(0)),
    tensor([1, 1, 1, 12], ...Array(6).fill(0), ...Array(6).fill(1)),
  ]
  let session: SessionValue
  beforeAll(async () => {
    session = await unetSession(goldenCheckpoint('unet-sd15'))
  })
  afterAll(() => session?.session.release())

  const predict = (positive: Conditioning, timestep = 500, negative?: Conditioning, guidance = negative ? 3 : 1) => {
    const model = asKind(session.of, 'model')
    const strengths = {}
    return createPredictor({ session, strengths, model, positive, negative, guidance, shape, using: stepContext() })(
      latent,
      timestep,
    )
  }
  const isLeft = (_: number, i: number) => i % 12 < 6
  const isRight = (_: number, i: number) => i % 12 >= 6

  it('gives one prompt in two masks what it gives it in the whole', async () => {
    const halves = await combine(await maskBy(fox, left), await maskBy(fox, right), { kind: 'combine' })
    expect(largestDifference(await predict(halves), await predict(fox))).toBeLessThan(1e-5)
  })

  it('gives each mask its own prompt', async () => {
    const halves = await combine(await maskBy(fox, left), await maskBy(owl, right), { kind: 'combine' })
    const [both, foxes, owls] = [await predict(halves), await predict(fox), await predict(owl)]
    expect(largestDifference(both.filter(isLeft), foxes.filter(isLeft))).toBeLessThan(1e-5)
    expect(largestDifference(both.filter(isRight), owls.filter(isRight))).toBeLessThan(1e-5)
    expect(largestDifference(foxes, owls)).toBeGreaterThan(1e-2)
  })

  it('averages prompts in one place by their strengths', async () => {
    const stronger = await edit(owl, { kind: 'area', area: { x: 0, y: 0, width: 1, height: 1 }, strength: 3 })
    const both = await predict(await combine(fox, stronger, { kind: 'combine' }))
    const [foxes, owls] = [await predict(fox), await predict(owl)]
    expect(
      largestDifference(
        both,
        foxes.map((value, i) => 0.25 * value + 0.75 * (owls[i] ?? 0)),
      ),
    ).toBeLessThan(1e-5)
  })

  it('shows an area alone to the model', async () => {
    const model = asKind(session.of, 'model')
    const area = { x: 0.5, y: 0, width: 0.5, height: 1 }
    const whole = await predict(await edit(owl, { kind: 'area', area, strength: 1 }))
    const crop = createPredictor({
      session,
      strengths: {},
      model,
      positive: owl,
      negative: undefined,
      guidance: 1,
      using: stepContext(),
      shape: [2, 4, 8, 6],
    })
    const alone = await crop(latent.filter(isRight), 500)
    expect(largestDifference(whole.filter(isRight), alone)).toBeLessThan(1e-5)
  })

  it('asks for what holds at the timestep', async () => {
    const early = await edit(fox, { kind: 'range', start: 0, end: 0.5 })
    const late = await edit(owl, { kind: 'range', start: 0.5, end: 1 })
    const both = await combine(early, late, { kind: 'combine' })
    expect(await predict(both, 800)).toEqual(await predict(fox, 800))
    expect(await predict(both, 200)).toEqual(await predict(owl, 200))
    expect(await predict(early, 200)).toEqual(await predict(fox, 200))
  })

  it('compares several parts with a negative, whatever their lengths', async () => {
    const long = prompt(context(0.4, 154))
    const halves = await combine(await maskBy(fox, left), await maskBy(long, right), { kind: 'combine' })
    const [guided, plain, negative] = [await predict(halves, 500, owl), await predict(halves), await predict(owl)]
    const expected = plain.map((value, i) => (negative[i] ?? 0) + 3 * (value - (negative[i] ?? 0)))
    expect(largestDifference(guided, expected)).toBeLessThan(1e-4)
  })

  it('refuses a prompt of another width, and guidance without a negative', async () => {
    await expect(predict(prompt(zeros([1, 77, 96])))).rejects.toMatchObject({ code: 'mismatch', input: 'positive' })
    expect(() => predict(fox, 500, undefined, 3)).toThrow(expect.objectContaining({ code: 'missing-input' }))
  })
})
