import type { UnetConfig } from '../config.ts'
import { layer, type NetworkKind, type NetworkTensor } from './network-kind.ts'
import { readUnet } from './unet-config.ts'

export const unet: NetworkKind<UnetConfig> = { label: 'UNet', read: readUnet, tensors: unetTensors, ignored: /^$/ }

function* unetTensors(config: UnetConfig): Generator<NetworkTensor> {
  const { channels, levels, vectorWidth, guidanceWidth } = config
  const time = 4 * channels
  yield* layer('time_embedding.linear_1', 'time_embed.0', [time, channels])
  yield* layer('time_embedding.linear_2', 'time_embed.2', [time, time])
  if (guidanceWidth !== undefined) {
    const shape = [channels, guidanceWidth]
    yield { name: 'time_embedding.cond_proj.weight', ldm: 'time_embed.cond_proj.weight', shape }
  }
  if (vectorWidth !== undefined) {
    yield* layer('add_embedding.linear_1', 'label_emb.0.0', [time, vectorWidth])
    yield* layer('add_embedding.linear_2', 'label_emb.0.2', [time, time])
  }
  yield* layer('conv_in', 'input_blocks.0.0', [channels, config.inChannels, 3, 3])

  const attentions = (name: string, ldm: string, width: number, depth: number) =>
    transformer(name, ldm, { width, depth, contextWidth: config.contextWidth, linear: config.linearProjection })
  const last = levels.length - 1
  const skips = [channels]
  let width = channels
  let index = 0
  for (const [i, level] of levels.entries()) {
    for (const [j, depth] of level.down.entries()) {
      index++
      yield* resnet(`down_blocks.${i}.resnets.${j}`, `input_blocks.${index}.0`, width, level.channels, time)
      yield* attentions(`down_blocks.${i}.attentions.${j}`, `input_blocks.${index}.1`, level.channels, depth)
      width = level.channels
      skips.push(width)
    }
    if (i === last) continue
    index++
    yield* layer(`down_blocks.${i}.downsamplers.0.conv`, `input_blocks.${index}.0.op`, [width, width, 3, 3])
    skips.push(width)
  }

  const { residualBlocks } = config.middle
  if (residualBlocks > 0) yield* resnet('mid_block.resnets.0', 'middle_block.0', width, width, time)
  yield* attentions('mid_block.attentions.0', 'middle_block.1', width, config.middle.depth)
  if (residualBlocks > 1) yield* resnet('mid_block.resnets.1', 'middle_block.2', width, width, time)

  index = 0
  for (const [i, level] of levels.toReversed().entries()) {
    for (const [j, depth] of level.up.entries()) {
      const joined = width + (skips.pop() ?? 0)
      yield* resnet(`up_blocks.${i}.resnets.${j}`, `output_blocks.${index}.0`, joined, level.channels, time)
      yield* attentions(`up_blocks.${i}.attentions.${j}`, `output_blocks.${index}.1`, level.channels, depth)
      width = level.channels
      index++
    }
    if (i === last) continue
    const place = `output_blocks.${index - 1}.${level.up.at(-1) ? 2 : 1}.conv`
    yield* layer(`up_blocks.${i}.upsamplers.0.conv`, place, [width, width, 3, 3])
  }
  yield* layer('conv_norm_out', 'out.0', [channels])
  yield* layer('conv_out', 'out.2', [config.outChannels, channels, 3, 3])
}

function* resnet(name: string, ldm: string, from: number, to: number, time: number): Generator<NetworkTensor> {
  yield* layer(`${name}.norm1`, `${ldm}.in_layers.0`, [from])
  yield* layer(`${name}.conv1`, `${ldm}.in_layers.2`, [to, from, 3, 3])
  yield* layer(`${name}.time_emb_proj`, `${ldm}.emb_layers.1`, [to, time])
  yield* layer(`${name}.norm2`, `${ldm}.out_layers.0`, [to])
  yield* layer(`${name}.conv2`, `${ldm}.out_layers.3`, [to, to, 3, 3])
  if (from !== to) yield* layer(`${name}.conv_shortcut`, `${ldm}.skip_connection`, [to, from, 1, 1])
}

interface TransformerShape {
  readonly width: number
  readonly depth: number
  readonly contextWidth: number
  /** Whether the projections around it are linear layers. Otherwise they are 1x1 convolutions. */
  readonly linear: boolean
}

/** The tensors of a transformer. Inside it, both namings agree. */
function* transformer(name: string, ldm: string, shape: TransformerShape): Generator<NetworkTensor> {
  const { width, depth, contextWidth, linear } = shape
  if (depth === 0) return
  const inner = (path: string, size: readonly number[]) => layer(`${name}.${path}`, `${ldm}.${path}`, size)
  const projection = linear ? [width, width] : [width, width, 1, 1]
  yield* inner('norm', [width])
  yield* inner('proj_in', projection)
  for (let d = 0; d < depth; d++) {
    const block = `transformer_blocks.${d}`
    for (const [attention, read] of [['attn1', width] as const, ['attn2', contextWidth] as const]) {
      const path = `${block}.${attention}`
      for (const [to, from] of [['to_q', width] as const, ['to_k', read] as const, ['to_v', read] as const]) {
        yield { name: `${name}.${path}.${to}.weight`, ldm: `${ldm}.${path}.${to}.weight`, shape: [width, from] }
      }
      yield* inner(`${path}.to_out.0`, [width, width])
    }
    yield* inner(`${block}.ff.net.0.proj`, [8 * width, width])
    yield* inner(`${block}.ff.net.2`, [width, 4 * width])
    for (const norm of ['norm1', 'norm2', 'norm3']) yield* inner(`${block}.${norm}`, [width])
  }
  yield* inner('proj_out', projection)
}
