import type { KnownFamily } from './family.ts'

export const flux: KnownFamily = {
  title: 'Flux',
  name: 'Flux',
  matches: ({ has }) => has(/(^|\.)(double_blocks\.\d+\.img_attn|single_transformer_blocks\.\d+)\./),
  adapterNames: /(double_blocks|single_blocks|single_transformer_blocks)[._]\d/,
  latents: { channels: 16 },
}
