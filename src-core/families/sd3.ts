import type { KnownFamily } from './family.ts'

export const sd3: KnownFamily = {
  title: 'Stable Diffusion 3',
  name: 'SD3',
  matches: ({ has }) => has(/(^|\.)(joint_blocks\.\d+|transformer_blocks\.\d+\.attn\.add_q_proj)\./),
  adapterNames: /joint_blocks[._]\d|transformer_blocks[._]\d+[._]attn[._]add_[qkv]_proj/,
  latents: { channels: 16 },
}
