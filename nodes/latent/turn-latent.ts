import { inferredLatentSize, type LatentEdit, type LatentTurn } from '#core/plan/latent-edit.ts'
import type { TypeOf } from '#core/types/types.ts'
import { defineNode } from '../kit/define-node.ts'
import { choice, latent } from '../kit/ports.ts'

const options: Readonly<Record<LatentTurn, string>> = {
  'flip-horizontal': 'Flip left and right',
  'flip-vertical': 'Flip top and bottom',
  'rotate-90': 'Rotate 90 degrees',
  'rotate-180': 'Rotate 180 degrees',
  'rotate-270': 'Rotate 270 degrees',
}

const isTurn = (option: string): option is LatentTurn => option in options

/** What is known of the edit before the run. */
function knownEdit(turn: TypeOf<'choice'>): LatentEdit | undefined {
  const [only, ...others] = turn.options.filter(isTurn)
  return only !== undefined && others.length === 0 ? { kind: 'turn', turn: only } : undefined
}

export default defineNode({
  type: 'turn-latent',
  version: 1,
  category: 'latent',
  title: 'Flip or Rotate Latent',
  description: 'Mirrors a latent or rotates it by quarter turns.',
  docs: `
A latent is not quite a small picture. After a turn it decodes with changed details, so redraw it with a low strength.
To turn a finished picture, turn the picture itself.
`,
  inputs: {
    latent: latent({ description: 'The latent to turn. Its mask is turned too.' }),
    turn: choice({ default: 'flip-horizontal', options, description: 'What to do. Rotations are clockwise.' }),
  },
  outputs: { latent: latent({ description: 'The turned latent.' }) },
  infer: ({ latent, turn }) => ({ latent: { ...latent, ...inferredLatentSize(knownEdit(turn), latent) } }),
  lower: (plan, { latent, turn }) => ({
    latent: plan.step('edit-latent', { latent }, { edit: { kind: 'turn', turn } }),
  }),
})
