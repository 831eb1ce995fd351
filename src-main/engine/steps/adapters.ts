import type { Adapter } from '../adapters/adapter.ts'
import type { AdaptedPart } from '../adapters/aliases.ts'
import { applyAdapter } from '../adapters/apply.ts'
import { type Coverage, describeShapes, fitAdapter, matchedCount } from '../adapters/match.ts'
import { openAdapter } from '../adapters/open.ts'
import type { Network } from '../models/checkpoint.ts'
import type { WeightDelta } from '../models/weights.ts'
import type { ClipValue, ModelValue } from '../runtime/values.ts'
import type { StepContext, StepRule } from './context.ts'
import { strengthInput } from './strengths.ts'

/** Adds an adapter to a network. The weights are computed only when a session is made. */
export const applyLora: StepRule<'apply-lora'> = {
  files: ({ file }) => [file],
  run: (context, { target }, { file, strength }) => adapted(context, target, file, strength),
}

export const liveLora: StepRule<'live-lora'> = {
  files: ({ file }) => [file],
  run: (context, { target }, { file }) => adapted(context, target, file, { input: strengthInput(file) }),
}

async function adapted(
  context: StepContext,
  target: ModelValue | ClipValue,
  file: string,
  strength: WeightDelta['strength'],
): Promise<ModelValue | ClipValue> {
  const adapter = await openAdapter(await context.resolve(file))
  const coverage = fitAdapter(adapter, target.checkpoint)
  warnOfRest(context, file, coverage)
  warnOfAssumption(context, file, adapter)
  const changed = <Config>(part: AdaptedPart, { config, weights }: Network<Config>): Network<Config> => ({
    config,
    weights: applyAdapter(weights, coverage[part], strength),
  })
  if (target.kind === 'model') return { ...target, network: changed('unet', target.network) }
  const { textEncoder, textEncoder2 } = target
  return {
    ...target,
    ...(textEncoder && { textEncoder: changed('textEncoder', textEncoder) }),
    ...(textEncoder2 && { textEncoder2: changed('textEncoder2', textEncoder2) }),
  }
}

function warnOfAssumption(context: StepContext, file: string, { assumed }: Adapter): void {
  if (!assumed) return
  const { is, hint } = assumed
  context.emit({ type: 'warning', error: { code: 'unsure', message: `${file}: ${is}`, hint } })
}

/** Warns of modules that are left out. */
function warnOfRest(context: StepContext, file: string, coverage: Coverage): void {
  const { unmatched, shapeMismatches, idle, total } = coverage
  const rest = [
    ...shapeMismatches.map((mismatch) => `${mismatch.module} (its shape is ${describeShapes(mismatch)})`),
    ...idle.map(({ name, reason }) => `${name} (${reason})`),
    ...unmatched,
  ]
  if (rest.length === 0) return
  const shown = rest.slice(0, 3).join(', ')
  const more = rest.length > 3 ? ` and ${rest.length - 3} more` : ''
  context.emit({
    type: 'warning',
    error: {
      code: 'mismatch',
      message: `${matchedCount(coverage)} of ${total} modules of ${file} fit; left out: ${shown}${more}.`,
      hint: '`latent-loom inspect` lists what an adapter holds.',
    },
  })
}
