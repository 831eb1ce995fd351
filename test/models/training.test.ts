import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Prediction, PredictionChoice, Told } from '#core/families/training.ts'
import type { TensorSpec } from '#core/formats/safetensors.ts'
import { factOf, factsOf, nothingKnown } from '#core/types/facts.ts'
import { narrowed } from '#core/workflow/constant.ts'
import { readFact } from '#engine/facts.ts'
import { inspectFile } from '#engine/inspect.ts'
import { openNetwork } from '#engine/models/detect.ts'
import { saidByConfig, saidByScheduler, spelled } from '#engine/models/said.ts'
import { stepRules } from '#engine/steps/rules.ts'
import { catalogue } from '#nodes/catalogue.ts'
import { diffusers, ldm, networks, type unets } from '../fixtures/published.ts'
import { temporaryFolder } from '../golden-networks.ts'
import { type SparseOptions, writeSparse } from '../sparse.ts'
import { stepContext } from '../step-context.ts'

const folder = temporaryFolder()
const newFolder = () => mkdtempSync(join(folder, 'model-'))
const prefix = 'model.diffusion_model.'
const marker = (name: string): TensorSpec => ({ name, dtype: 'F32', shape: [0] })

interface File extends SparseOptions {
  readonly unet?: keyof typeof unets
  readonly name?: string
  readonly markers?: readonly string[]
}

/** A UNet as a single file of zeros. */
function single({ unet = 'sd1', name = 'model', markers = [], ...options }: File): string {
  const tensors = [...ldm(networks.unet(unet), prefix), ...markers.map(marker)]
  return writeSparse(join(newFolder(), `${name}.safetensors`), tensors, options)
}

function writeJson(at: string, json: unknown): void {
  mkdirSync(dirname(at), { recursive: true })
  writeFileSync(at, JSON.stringify(json))
}

/** A diffusers folder of zeros with this scheduler config. */
function modelFolder(config: object, unet: keyof typeof unets = 'sd1', options: SparseOptions = {}): string {
  const at = newFolder()
  writeSparse(join(at, 'unet/diffusion_pytorch_model.safetensors'), diffusers(networks.unet(unet)), options)
  writeJson(join(at, 'scheduler/scheduler_config.json'), config)
  return at
}

const toldOf = async (path: string): Promise<Told> => (await openNetwork(path, 'unet')).told

const epsilon = { prediction: 'epsilon' } as const
const velocity = { prediction: 'v_prediction' } as const
const zeroSnr = { prediction: 'v_prediction', zeroSnr: true } as const
const sample = { prediction: 'sample' } as const

describe('the prediction type in any spelling', () => {
  it.each<[string, object]>([
    ['epsilon', epsilon],
    ['EPS', epsilon],
    ['eps-prediction', epsilon],
    ['noise_prediction', epsilon],
    ['v', velocity],
    ['V', velocity],
    ['v_prediction', velocity],
    ['v-prediction', velocity],
    ['vpred', velocity],
    ['v-pred', velocity],
    ['velocity', velocity],
    ['velocity_prediction', velocity],
    ['v_parameterization', velocity],
    ['v-zsnr', zeroSnr],
    ['v_prediction_zsnr', zeroSnr],
    ['v-ztsnr', zeroSnr],
    ['vpred-zero-terminal-snr', zeroSnr],
    ['sample', sample],
    ['original_sample', sample],
    ['x0', sample],
    ['x_start', sample],
    ['x0_prediction', sample],
    ['', {}],
    ['None', {}],
  ])('%j', (name, says) => expect(spelled(name)).toEqual(says))

  it.each([
    ['flow_prediction', 'flow matching ("flow_prediction")'],
    ['rectified-flow', 'flow matching ("rectified-flow")'],
    ['edm', 'EDM noise levels ("edm")'],
    ['edm_playground_v2.5', 'EDM noise levels ("edm_playground_v2.5")'],
    ['v_prediction_edm', 'EDM noise levels ("v_prediction_edm")'],
    ['trigflow', 'flow matching ("trigflow")'],
    ['constructor', 'an unknown prediction type ("constructor")'],
  ])('%s is refused by its name', (name, foreign) => expect(spelled(name)).toEqual({ foreign }))
})

describe('a single file says its training', () => {
  it.each<[string, File, object]>([
    ['nothing', {}, epsilon],
    ['the tensor v_pred', { markers: ['v_pred'] }, velocity],
    ['the tensors v_pred and ztsnr', { markers: ['v_pred', 'ztsnr'] }, zeroSnr],
    ['predict_key v', { metadata: { 'modelspec.predict_key': 'v' } }, velocity],
    ['predict_key epsilon', { metadata: { 'modelspec.predict_key': 'epsilon' } }, epsilon],
    ['v-zsnr', { metadata: { 'modelspec.prediction_type': 'v-zsnr' } }, zeroSnr],
    ['velocity', { metadata: { 'modelspec.prediction_type': 'velocity' } }, velocity],
    ['sample', { metadata: { 'modelspec.prediction_type': 'sample' } }, sample],
    ["kohya's v", { metadata: { ss_v_parameterization: 'True' } }, velocity],
    ["kohya's v and zero SNR", { metadata: { ss_v_parameterization: 'True', ss_zero_terminal_snr: 'True' } }, zeroSnr],
    ["kohya's epsilon of SD2", { unet: 'sd2', metadata: { ss_v2: 'True', ss_v_parameterization: 'False' } }, epsilon],
    ['SD2 for 768', { unet: 'sd2', metadata: { 'modelspec.architecture': 'stable-diffusion-v2-768-v' } }, velocity],
    ['SD2 for 512', { unet: 'sd2', metadata: { 'modelspec.architecture': 'stable-diffusion-v2-512' } }, epsilon],
    ['empty metadata', { metadata: { 'modelspec.prediction_type': '', ss_v_parameterization: 'None' } }, epsilon],
  ])('%s', async (_, file, training) => expect(await toldOf(single(file))).toEqual({ training }))

  it.each<[string, File, object, RegExp]>([
    [
      'two things',
      { markers: ['v_pred'], metadata: { 'modelspec.prediction_type': 'epsilon' } },
      velocity,
      /says two things: .*v_pred.* says v-prediction, which is taken, and its modelspec\.prediction_type says epsilon\.$/,
    ],
    [
      'two things in its model spec',
      { metadata: { 'modelspec.prediction_type': 'epsilon', 'modelspec.predict_key': 'v' } },
      epsilon,
      /prediction_type says epsilon, which is taken, and its modelspec\.predict_key says v-prediction\.$/,
    ],
    ['zero SNR alone', { markers: ['ztsnr'] }, { ...epsilon, zeroSnr: true }, /epsilon cannot begin with noise alone/],
    ['v-prediction in its name alone', { name: 'my-vpred-mix' }, epsilon, /name speaks of v-prediction; epsilon is/],
    [
      'the name of the one-step Lightning',
      { unet: 'sdxl', name: 'sdxl_lightning_1step_unet_x0' },
      sample,
      /clean latent \(x0\) is assumed/,
    ],
  ])('and says where it is not certain: %s', async (_, file, training, unsure) => {
    expect(await toldOf(single(file))).toEqual({ training, unsure: expect.stringMatching(unsure) })
  })

  it.each<[string, File, string]>([
    ['Playground 2.5', { unet: 'sdxl', markers: ['edm_mean', 'edm_std'] }, 'EDM noise levels (as Playground 2.5)'],
    [
      'CosXL',
      { unet: 'sdxl', markers: ['edm_vpred.sigma_max', 'edm_vpred.sigma_min', 'v_pred'] },
      'continuous EDM noise levels and v-prediction (as CosXL)',
    ],
    ['flow', { metadata: { 'modelspec.prediction_type': 'flow' } }, 'flow matching ("flow")'],
  ])('%s is refused by its name, for the model alone', async (_, file, foreign) => {
    const path = single(file)
    const context = stepContext()
    await expect(stepRules.unet.run(context, {}, { file: path, prediction: 'auto' })).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining(`trained with ${foreign}, which is not built`),
    })
    expect((await inspectFile(path)).problem).toMatchObject({ code: 'unsupported' })
    expect(await stepRules.unet.run(context, {}, { file: path, prediction: 'epsilon' })).toMatchObject({
      training: epsilon,
    })
  })
})

describe('SD2.x that says nothing', () => {
  const biases = 'output_blocks.11.1.transformer_blocks.0.norm1.bias'
  /** One value among zeros, for a deviation of these 320 values. */
  const deviating = (by: number): SparseOptions => ({
    scalars: new Map([
      [prefix + biases, (by * 320) / Math.sqrt(319)],
      ['up_blocks.3.attentions.2.transformer_blocks.0.norm1.bias', (by * 320) / Math.sqrt(319)],
    ]),
  })

  it.each<[string, string, Prediction, RegExp]>([
    ['wide', single({ unet: 'sd2', ...deviating(0.1) }), 'v_prediction', /deviate by 0\.100/],
    ['narrow', single({ unet: 'sd2', ...deviating(0.08) }), 'epsilon', /deviate by 0\.080/],
    ['wide, in a folder', modelFolder({}, 'sd2', deviating(0.1)), 'v_prediction', /deviate by 0\.100/],
    ['SD-Turbo by its name', single({ unet: 'sd2', name: 'sd_turbo', ...deviating(0.1) }), 'epsilon', /of this name/],
  ])('is decided by the spread of its biases: %s', async (_, path, prediction, unsure) => {
    expect(await toldOf(path)).toEqual({ training: { prediction }, unsure: expect.stringMatching(unsure) })
  })

  it('predicts epsilon with 9 channels, whatever its biases', async () => {
    const inpainting = networks.unet('sd2').map((tensor) => {
      return tensor.name === 'conv_in.weight' ? { ...tensor, shape: [320, 9, 3, 3] } : tensor
    })
    const path = writeSparse(join(newFolder(), 'a.safetensors'), ldm(inpainting, prefix), deviating(0.1))
    expect(await toldOf(path)).toEqual({ training: epsilon })
  })
})

describe("a folder's scheduler config says the training", () => {
  const usual = { beta_schedule: 'scaled_linear', beta_start: 0.00085, beta_end: 0.012, num_train_timesteps: 1000 }

  it.each<[string, object, object]>([
    ['nothing', {}, {}],
    ['the usual', { ...usual, prediction_type: 'epsilon', steps_offset: 1, set_alpha_to_one: false }, epsilon],
    ['v', { ...usual, prediction_type: 'v_prediction' }, velocity],
    ['zero SNR', { prediction_type: 'v_prediction', rescale_betas_zero_snr: true }, zeroSnr],
    ['none of it', { prediction_type: null, rescale_betas_zero_snr: false, trained_betas: null }, {}],
    [
      'trailing',
      { timestep_spacing: 'trailing', steps_offset: 1 },
      { schedule: { kind: 'spaced', spacing: 'trailing', stepsOffset: 1 } },
    ],
    ['leading', { timestep_spacing: 'leading' }, { schedule: { kind: 'spaced', spacing: 'leading', stepsOffset: 0 } }],
    [
      'linspace',
      { timestep_spacing: 'linspace', use_karras_sigmas: false },
      { schedule: { kind: 'spaced', spacing: 'linspace', stepsOffset: 0 } },
    ],
    ['Karras', { use_karras_sigmas: true }, { schedule: { kind: 'sigmas', name: 'karras' } }],
    ['exponential', { use_exponential_sigmas: true }, { schedule: { kind: 'sigmas', name: 'exponential' } }],
    ['beta sigmas', { use_beta_sigmas: true }, { schedule: { kind: 'sigmas', name: 'beta' } }],
    ['linear betas', { ...usual, beta_schedule: 'linear' }, { betas: { curve: 'linear', start: 0.00085, end: 0.012 } }],
    ['another end', { ...usual, beta_end: 0.0155 }, { betas: { curve: 'scaled_linear', start: 0.00085, end: 0.0155 } }],
    ['cosine betas', { beta_schedule: 'squaredcos_cap_v2' }, { betas: { curve: 'squaredcos_cap_v2' } }],
    [
      'betas of its own',
      { trained_betas: Array.from({ length: 1000 }, () => 0.01) },
      { betas: { curve: 'trained', betas: Array.from({ length: 1000 }, () => 0.01) } },
    ],
  ])('%s', (_, config, says) => expect(saidByScheduler(config)).toEqual({ by: 'its scheduler config', ...says }))

  it.each<[object, string]>([
    [{ prediction_type: 'flow_prediction' }, 'flow matching ("flow_prediction")'],
    [{ _class_name: 'FlowMatchEulerDiscreteScheduler' }, 'flow matching (FlowMatchEulerDiscreteScheduler)'],
    [
      { _class_name: 'EDMDPMSolverMultistepScheduler', prediction_type: 'epsilon' },
      'EDM noise levels (EDMDPMSolverMultistepScheduler)',
    ],
    [{ use_flow_sigmas: true, prediction_type: 'epsilon' }, 'flow matching (use_flow_sigmas)'],
    [{ timestep_type: 'continuous', prediction_type: 'v_prediction' }, 'continuous timesteps (timestep_type)'],
    [{ num_train_timesteps: 50 }, '50 timesteps'],
    [{ beta_schedule: 'sigmoid' }, 'the beta schedule "sigmoid"'],
    [{ beta_start: 0 }, 'betas from 0 to 0.012'],
    [{ trained_betas: [0.1, 0.2] }, '2 betas of its own (trained_betas)'],
  ])('%j is refused by name', async (config, foreign) => {
    const at = modelFolder(config)
    expect(await toldOf(at)).toMatchObject({ foreign })
    await expect(stepRules.unet.run(stepContext(), {}, { file: at, prediction: 'auto' })).rejects.toThrow(foreign)
  })

  it('also where the UNet is taken from its folder alone, or its file', async () => {
    const at = modelFolder({ prediction_type: 'v_prediction', rescale_betas_zero_snr: true })
    expect(await toldOf(join(at, 'unet'))).toEqual({ training: zeroSnr })
    expect(await toldOf(join(at, 'unet/diffusion_pytorch_model.safetensors'))).toEqual({ training: zeroSnr })
  })
})

describe('the config of the original code beside a single file says the training', () => {
  it.each<[string, string, object]>([
    ['v', 'model:\n  params:\n    parameterization: "v"\n    linear_start: 0.00085\n', velocity],
    ['epsilon', "    parameterization: 'eps'\n", epsilon],
    ['x0', 'parameterization: x0', sample],
    ['v and zero SNR', 'parameterization: v\r\nzero_terminal_snr: True\r\n', zeroSnr],
    ["sgm's v", '  scaling_config:\n    target: sgm.modules.diffusionmodules.denoiser_scaling.VScaling\n', velocity],
    ["sgm's epsilon", 'target: sgm.modules.diffusionmodules.denoiser_scaling.EpsScaling', epsilon],
    ['nothing', '# parameterization: "v"\nuse_ema: true\n', {}],
  ])('%s', (_, yaml, says) => expect(saidByConfig(yaml)).toEqual({ by: 'the config beside it', ...says }))

  it('after what the file itself says', async () => {
    const silent = single({})
    writeFileSync(silent.replace('.safetensors', '.yaml'), 'parameterization: "v"\n')
    expect(await toldOf(silent)).toEqual({ training: velocity })
    const spoken = single({ metadata: { 'modelspec.prediction_type': 'epsilon' } })
    writeFileSync(spoken.replace('.safetensors', '.yaml'), 'parameterization: "v"\n')
    expect(await toldOf(spoken)).toEqual({ training: epsilon, unsure: expect.stringContaining('the config beside it') })
  })
})

describe("the node's settings win over the file", () => {
  const routes: readonly (readonly [string, string, { readonly prediction: Prediction }])[] = [
    ['a single file', single({ markers: ['v_pred', 'ztsnr'] }), velocity],
    ['metadata', single({ metadata: { 'modelspec.prediction_type': 'v' } }), velocity],
    ['a folder', modelFolder({ prediction_type: 'v_prediction', rescale_betas_zero_snr: true }), velocity],
    ['a UNet in its folder', join(modelFolder({ prediction_type: 'sample' }), 'unet'), sample],
    ['the family', single({}), epsilon],
  ]
  const choices: readonly PredictionChoice[] = ['auto', 'epsilon', 'v_prediction', 'sample']

  it.each(routes.flatMap((route) => choices.map((choice) => [...route, choice] as const)))(
    '%s: %s, %j, set to %s',
    async (_, file, own, prediction) => {
      const { training } = await stepRules.unet.run(stepContext(), {}, { file, prediction })
      expect(training.prediction).toBe(prediction === 'auto' ? own.prediction : prediction)
      expect(training.prediction === 'epsilon' && training.zeroSnr).toBeFalsy()
    },
  )

  it('and an adapter that was trained for another prediction changes nothing about it', async () => {
    const metadata = { ss_v_parameterization: 'True', ss_zero_terminal_snr: 'True', 'modelspec.prediction_type': 'v' }
    const module = 'lora_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_q'
    const halves: TensorSpec[] = [
      { name: `${module}.lora_down.weight`, dtype: 'F16', shape: [4, 1280] },
      { name: `${module}.lora_up.weight`, dtype: 'F16', shape: [1280, 4] },
    ]
    const lora = writeSparse(join(newFolder(), 'lora.safetensors'), halves, { metadata })
    for (const prediction of ['auto', 'sample'] as const) {
      const target = await stepRules.unet.run(stepContext(), {}, { file: single({}), prediction })
      const adapted = await stepRules['apply-lora'].run(stepContext(), { target }, { file: lora, strength: 1 })
      expect(adapted).toMatchObject({ kind: 'model', training: target.training })
    }
  })

  it.each([
    ['yes', {}, true],
    ['no', { markers: ['v_pred', 'ztsnr'] }, undefined],
    ['auto', { markers: ['v_pred', 'ztsnr'] }, true],
  ] as const)('zero terminal SNR set to %s', async (chosen, file, expected) => {
    const attributes = { file: single(file), prediction: 'v_prediction', zeroSnr: chosen } as const
    const { training } = await stepRules.unet.run(stepContext(), {}, attributes)
    expect(training.zeroSnr).toBe(expected)
    expect(training.schedule).toEqual(expected && { kind: 'spaced', spacing: 'trailing', stepsOffset: 1 })
  })
})

describe.each(['checkpoint', 'unet'] as const)('the node of a %s file', (kind) => {
  const node = catalogue.get(kind === 'unet' ? 'unet-loader' : 'checkpoint')
  const inputsOf = (name: string, set: Readonly<Record<string, string>> = {}) =>
    Object.fromEntries(
      Object.entries(node?.inputs ?? {}).map(([input, { type, default: value }]) => [
        input,
        narrowed(type, set[input] ?? value ?? name),
      ]),
    )
  const knowing = async (path: string) => factsOf(new Map([[`${kind}:a`, await readFact(path, kind)]]))

  it('shows what the model predicts', async () => {
    const facts = await knowing(single({ markers: ['v_pred', 'ztsnr'] }))
    expect(factOf(facts, kind, 'a')?.told).toEqual({ training: zeroSnr })
    expect(node?.infer(inputsOf('a'), facts).model).toMatchObject({ training: zeroSnr })
    expect(node?.infer(inputsOf('a', { prediction: 'epsilon' }), facts).model).toMatchObject({ training: epsilon })
    expect(node?.advise?.(inputsOf('a'), facts, {})).toEqual([])
    expect(node?.infer(inputsOf('a'), nothingKnown).model).not.toHaveProperty('training')
  })

  it('says what is not certain, until Prediction is set', async () => {
    const facts = await knowing(single({ unet: 'sd2' }))
    expect(node?.advise?.(inputsOf('a'), facts, {})).toMatchObject([
      {
        code: 'unsure',
        input: 'prediction',
        message: expect.stringContaining('epsilon is assumed from its weights'),
        answers: ['epsilon', 'v_prediction'],
      },
    ])
    expect(node?.advise?.(inputsOf('a', { prediction: 'epsilon' }), facts, {})).toEqual([])
    const sizes = ['auto', 'v_prediction'].map((prediction) => node?.infer(inputsOf('a', { prediction }), facts).model)
    expect(sizes).toMatchObject([{ pictureSize: 512 }, { pictureSize: 768 }])
  })

  it('has no model that was trained with what is not built, unless Prediction is set; then it warns', async () => {
    const facts = await knowing(single({ unet: 'sdxl', markers: ['edm_mean', 'edm_std'] }))
    expect(node?.infer(inputsOf('a'), facts).model).toEqual({
      kind: 'nothing',
      fix: expect.stringContaining('set Prediction'),
      reason: 'the model in a was trained with EDM noise levels (as Playground 2.5), which is not built',
    })
    const set = inputsOf('a', { prediction: 'v_prediction' })
    expect(node?.infer(set, facts).model).toMatchObject({ kind: 'model' })
    expect(node?.advise?.(set, facts, {})).toMatchObject([{ code: 'unsupported', input: 'prediction' }])
  })
})
