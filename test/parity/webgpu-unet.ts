import { buildUnet } from '#engine/models/networks/unet.ts'
import { largestDifference } from '../goldens.ts'
import { floatsOf, openSession } from '../onnx.ts'
import { goldenUnet } from './golden-unet.ts'

// Prints how far the WebGPU provider is from the golden; a program of its own because a lost device ends its process.
const { network, feeds, expected } = await goldenUnet('unet-sd15')
const session = await openSession(buildUnet(network), 'webgpu')
process.stdout.write(String(largestDifference(await floatsOf(session, feeds, 'prediction'), expected)))
