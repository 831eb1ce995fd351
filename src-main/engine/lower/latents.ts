import { LoomError } from '#core/errors.ts'
import type { StepRule } from '../runtime/executor.ts'
import type { FloatTensor } from '../runtime/values.ts'
import { TorchGenerator } from '../sampling/noise.ts'
import { latentPreview } from './preview.ts'
import { fitRgbFactors } from './rgb-factors.ts'
import { asKind } from './source.ts'
import { floatBytes, zeros } from './tensors.ts'

/** Pixels of a picture per value of a latent, each way. */
const factor = 8
const latentChannels = 4

export const emptyLatent: StepRule<'empty-latent'> = {
  bytes: ({ tensor }) => floatBytes(tensor),
  async run(_context, _inputs, { width, height, batch }) {
    return { tensor: zeros([batch, latentChannels, height / factor, width / factor]), empty: true }
  },
}

export const vaeDecode: StepRule<'vae-decode'> = {
  bytes: ({ tensor }) => floatBytes(tensor),
  async run({ emit, previews, rgbFactors }, { session, latent }) {
    emit({ type: 'phase', phase: 'decode', label: session.session.name })
    const { checkpoint, network } = asKind(session.of, 'vae')
    const decode = async (tensor: FloatTensor) => {
      const { image } = await session.session.run({ latent: tensor })
      return image ?? lacksImage()
    }
    const tensor = await decode(latent.tensor)
    // here, where the decoder is loaded anyway
    const fit = () => fitRgbFactors(network.config.latentChannels, decode)
    if (previews) await rgbFactors.learn(checkpoint.identity, fit)
    return { tensor }
  },
}

function lacksImage(): never {
  throw new LoomError('internal', 'The VAE decoder gave no image.')
}

export const showLatent: StepRule<'show-latent'> = {
  async run({ emit, rgbFactors }, { latent }) {
    emit({ type: 'preview', ...latentPreview(latent.tensor, await rgbFactors.of(latent.vae)) })
  },
}

export const vaeEncode: StepRule<'vae-encode'> = {
  bytes: ({ tensor }) => floatBytes(tensor),
  async run({ emit }, { session, image }, { posterior, seed }) {
    emit({ type: 'phase', phase: 'encode', label: session.session.name })
    const { mean, logvar } = await session.session.run({ image: cropToMultiple(image.tensor, factor) })
    if (!mean || !logvar) throw new LoomError('internal', 'The VAE encoder gave no posterior.')
    const { checkpoint, network } = asKind(session.of, 'vae')
    const { scaling } = network.config
    const vae = checkpoint.identity
    if (posterior === 'mean') {
      return { tensor: { data: mean.data.map((value) => value * scaling), shape: mean.shape }, empty: false, vae }
    }
    const noise = new TorchGenerator(BigInt(seed)).randn(mean.shape)
    const data = mean.data.map(
      (value, i) => scaling * (value + Math.exp(0.5 * (logvar.data[i] ?? 0)) * (noise[i] ?? 0)),
    )
    return { tensor: { data, shape: mean.shape }, empty: false, vae, drawn: { seed, shape: mean.shape } }
  },
}

/** The middle of `(batch, channels, height, width)` with height and width cut down to multiples; the tensor itself where they are. */
function cropToMultiple(tensor: FloatTensor, multiple: number): FloatTensor {
  const [batch = 0, channels = 0, height = 0, width = 0] = tensor.shape
  const rows = height - (height % multiple)
  const columns = width - (width % multiple)
  if (rows === 0 || columns === 0) {
    throw new LoomError('range', `A picture of ${width} x ${height} pixels is too small to encode.`, {
      input: 'image',
      hint: `Use a picture of at least ${multiple} x ${multiple} pixels.`,
    })
  }
  if (rows === height && columns === width) return tensor
  const top = (height - rows) >> 1
  const left = (width - columns) >> 1
  const data = new Float32Array(batch * channels * rows * columns)
  for (let plane = 0; plane < batch * channels; plane++) {
    for (let row = 0; row < rows; row++) {
      const start = (plane * height + top + row) * width + left
      data.set(tensor.data.subarray(start, start + columns), (plane * rows + row) * columns)
    }
  }
  return { data, shape: [batch, channels, rows, columns] }
}
