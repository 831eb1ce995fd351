import { openCheckpoint } from '#engine/models/detect.ts'
import { buildUnet } from '#engine/models/networks/unet.ts'
import { goldenCheckpoint } from '../golden-networks.ts'
import { largestDifference, readGolden } from '../goldens.ts'
import { floatsOf, openSession } from '../onnx.ts'

// Prints how far the WebGPU provider is from the golden; a program of its own because a lost device ends its process.
// The case is the smallest picture among the goldens: a software adapter needs a minute for the others.
const golden = readGolden('lora')
const { unet } = await openCheckpoint(goldenCheckpoint('lora'))
if (!unet) throw new Error('The golden checkpoint has no UNet.')
const session = await openSession(buildUnet(unet), 'webgpu')
const tensor = (name: string) => ({ data: golden.floats(name), shape: golden.tensors.get(name)?.shape ?? [] })
const timestep = { data: Float32Array.from(golden.integers('timestep'), Number), shape: [1] }
const feeds = { latent: tensor('latent'), context: tensor('context'), timestep }
process.stdout.write(String(largestDifference(await floatsOf(session, feeds, 'prediction'), golden.floats('eps_0.0'))))
