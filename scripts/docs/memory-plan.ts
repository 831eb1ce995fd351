import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCheckpoint } from '#engine/models/detect.ts'
import type { LoweredModel, Model } from '#engine/models/networks/model.ts'
import { buildTextEncoder } from '#engine/models/networks/text-encoder.ts'
import { buildUnet } from '#engine/models/networks/unet.ts'
import { buildVaePart } from '#engine/models/networks/vae.ts'
import { activationBytes } from '#engine/onnx/activations.ts'
import { memoryOf } from '#engine/runtime/device-memory.ts'
import { leaving } from '#engine/runtime/residents.ts'
import { ownBytes } from '#engine/runtime/session.ts'
import { tileSides } from '#engine/steps/vae.ts'
import { singleFiles } from '#test/fixtures/published.ts'
import { writeSparse } from '#test/sparse.ts'

const families = { 'SD1.5': singleFiles.sd1('sd1'), SDXL: singleFiles.sdxl('sdxl') }
const sides = [512, 768, 1024]
const cards = [6, 8, 12]
const device = { name: 'cuda', precision: 'float16' } as const
const gibibyte = 2 ** 30

/** What networks of a picture take, and what becomes of them on cards of several sizes; for guidance, a batch of two. */
export async function memoryPlan(): Promise<{ head: readonly string[]; rows: readonly (readonly string[])[] }> {
  const rows: string[][] = []
  for (const [family, tensors] of Object.entries(families)) {
    const networks = await networksOf(tensors)
    for (const side of sides) {
      const needs = needsOf(networks, side)
      const { text, unet, vae } = needs
      rows.push([
        `${family}, ${side}`,
        ...[text, unet, vae].map(({ weights, activations }) => `${shown(weights)} + ${shown(activations)}`),
        ...cards.map((card) => planFor(needs, budgetOf(card))),
      ])
    }
  }
  const head = ['picture', 'text encoder', 'UNet', 'VAE decoder', ...cards.map((card) => `${card} GB`)]
  return { head, rows }
}

interface Need {
  readonly weights: number
  readonly activations: number
}

interface Needs extends Readonly<Record<'text' | 'unet' | 'single' | 'vae', Need>> {
  /** The part of the VAE that runs in tiles of a side. */
  readonly tile: (side: number) => Need
}

const total = ({ weights, activations }: Need): number => weights + activations
const shown = (bytes: number): string => (bytes / gibibyte).toFixed(1)

function planFor({ text, unet, single, vae, tile }: Needs, budget: number): string {
  const tiles = total(vae) > budget ? tileSides.find((side) => total(tile(side)) <= budget) : undefined
  const decoder = tiles === undefined ? vae : tile(tiles)
  const used = [text, unet, decoder].map((need) => ({ bytes: total(need) }))
  const gone = leaving(used, 0, budget).length
  const stay = gone === 0 ? 'all stay' : gone === 1 ? 'the text encoder leaves' : 'one at a time'
  const apart = total(unet) > budget ? (total(single) > budget ? '; UNet on the processor' : '; UNet one by one') : ''
  return `${stay}${apart}${tiles === undefined ? '' : `; VAE in tiles of ${tiles}`}`
}

function budgetOf(card: number): number {
  const adapters = [{ vendor: '', model: '', vram: null, vramDynamic: false, memoryTotal: card * 1024 }]
  return memoryOf('cuda', { platform: 'linux', adapters, system: 0, environment: {} }).budget ?? 0
}

type Networks = Readonly<Record<'text' | 'unet' | 'vae' | 'outer', LoweredModel>>

async function networksOf(tensors: Parameters<typeof writeSparse>[1]): Promise<Networks> {
  const folder = await mkdtemp(join(tmpdir(), 'latent-loom-docs-'))
  try {
    const checkpoint = await openCheckpoint(writeSparse(join(folder, 'model.safetensors'), tensors))
    const { unet, vae, textEncoder, textEncoder2 } = checkpoint
    if (!unet || !vae) throw new Error('The checkpoint lacks a network.')
    const towers = { ...(textEncoder && { textEncoder }), ...(textEncoder2 && { textEncoder2 }) }
    const lowered = (model: Model) => model.lowered({ provider: device.name, precision: device.precision })
    return {
      text: lowered(buildTextEncoder({ ...towers, skip: 'auto' })),
      unet: lowered(buildUnet(unet)),
      vae: lowered(buildVaePart('decoder', vae)),
      outer: lowered(buildVaePart('decoder-outer', vae)),
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

function needsOf({ text, unet, vae, outer }: Networks, side: number): Needs {
  const need = (model: LoweredModel, batch: number, pixels = side): Need => ({
    weights: ownBytes(model, device),
    activations: activationBytes(model.graph, { batch, height: pixels / 8, width: pixels / 8, tokens: 77 }),
  })
  return {
    text: need(text, 1),
    unet: need(unet, 2),
    single: need(unet, 1),
    vae: need(vae, 1),
    tile: (pixels) => need(outer, 1, pixels),
  }
}
