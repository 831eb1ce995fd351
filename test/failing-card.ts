import type { Binding, OrtTensor, Session, SessionOptions } from '#engine/ort/binding.ts'

/** What a card has room for, and what became of it. */
class Limits {
  /** Sessions at a time. */
  sessions = Number.POSITIVE_INFINITY
  /** Elements of a latent or a picture. */
  elements = Number.POSITIVE_INFINITY
  /** Elements of what the parts of a VAE pass. */
  parts = Number.POSITIVE_INFINITY
  failures = 0
  open = 0
  most = 0

  reset(): void {
    Object.assign(this, new Limits(), { open: 0 })
  }
}

export const limits = new Limits()

/** A binding whose WebGPU is the processor with a memory that runs out. Numbers are real. */
export function graphicsCard(real: Binding): Binding {
  return {
    ...real,
    name: real.name,
    version: real.version,
    providers: new Set([...real.providers, 'webgpu']),
    tensor: (type, data, shape) => real.tensor(type, data, shape),
    async createSession(model, options, signal) {
      const isOnCard = options.providers.some(({ name }) => name === 'webgpu')
      if (!isOnCard) return real.createSession(model, options, signal)
      if (limits.open >= limits.sessions) fail()
      const onProcessor: SessionOptions = { ...options, providers: [{ name: 'cpu' }] }
      const session = await real.createSession(model, onProcessor, signal)
      limits.open += 1
      limits.most = Math.max(limits.most, limits.open)
      return limited(session)
    },
  }
}

function limited(session: Session): Session {
  return {
    inputs: session.inputs,
    outputs: session.outputs,
    async run(inputs, signal) {
      if (limits.open > limits.sessions) fail()
      if (size(inputs.get('latent') ?? inputs.get('image')) > limits.elements && !hasParts(session)) fail()
      if (size(inputs.get('features')) > limits.parts) fail()
      return session.run(inputs, signal)
    },
    async release() {
      limits.open -= 1
      await session.release()
    },
  }
}

/** Whether it is the inner part of a VAE. */
const hasParts = ({ outputs }: Session): boolean => outputs.some(({ name }) => name === 'features')

const size = (tensor: OrtTensor | undefined): number => tensor?.shape.reduce((product, each) => product * each, 1) ?? 0

function fail(): never {
  limits.failures += 1
  throw new Error('WebGPU validation failed. Out of memory: failed to allocate a buffer')
}
