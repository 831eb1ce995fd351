/** A name without the word that `torch.compile` writes before each network and layer that it compiled. */
export const uncompiled = (name: string): string => name.replace(/_orig_mod[._]/g, '')

/** At the beginning of a name the word of a compiled network tells its tensors from what lies beside them. */
export const uncompiledInside = (name: string): string => name.charAt(0) + uncompiled(name.slice(1))

/** How names begin in checkpoints and in networks, in either naming. */
const beginnings = [
  /(model\.diffusion_model|first_stage_model|cond_stage_model|conditioner\.embedders)\./,
  /(input_blocks|output_blocks|middle_block|time_embed|label_emb|out)\.\d/,
  /((down|up)_blocks\.\d|mid_block\.|(time|add)_embedding\.|conv_(in|out|norm_out)\.)/,
  /(en|de)coder\.(conv_(in|out|norm_out)|norm_out|down|up|mid|(down|up)_blocks|mid_block|layers)\./,
  /(post_)?quant_conv\./,
  /(text_model|final_layer_norm|ln_final|transformer\.resblocks)\./,
  /(embeddings\.)?(token|position|positional)_embedding\b/,
  /(text_projection|logit_scale)\b/,
]

/** How names begin in adapters, which may change several networks. */
const adapterBeginnings = [
  /(unet|diffusion_model|text_encoder(_[23])?|text_encoders|clip_[lgh]|base_model\.model)\./,
  /(lora|lycoris|oft)_(unet|te\d?|text_encoder|\w+_blocks?)_/,
  ...beginnings,
]

const anywhere = (patterns: readonly RegExp[]) =>
  new RegExp(`(?<=^|\\.)(${patterns.map(({ source }) => source).join('|')})`)

const roots = { network: anywhere(beginnings), adapter: anywhere(adapterBeginnings) }

/** Share of the names that have to begin with the same words. */
const most = 0.9

/** What stands before the known names, the most frequent first. */
function prefixesOf(names: readonly string[], of: keyof typeof roots): string[] {
  const found = names.flatMap((name) => {
    const at = roots[of].exec(name)?.index
    return at === undefined ? [] : [name.slice(0, at)]
  })
  return Array.from(Map.groupBy(found, String))
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([prefix]) => prefix)
}

/**
 * The words that stand before (nearly) all names and belong to none of the known names: those of trainers and programs
 * (`module.`, `net.`, `state_dict.ema_unet.`). Empty if there are none, or several different ones.
 */
export function foreignPrefix(names: readonly string[], of: keyof typeof roots): string {
  const [prefix = ''] = prefixesOf(names, of)
  return names.filter((name) => name.startsWith(prefix)).length > most * names.length ? prefix : ''
}

/** The words before the names of several networks in one file, if it is no checkpoint: `unet.`, `text_encoder.`, `vae.`. */
export function severalPrefixes(names: readonly string[]): string[] {
  const prefixes = prefixesOf(names, 'network')
  const explained = names.filter((name) => prefixes.some((prefix) => name.startsWith(prefix)))
  return prefixes.length > 1 && !prefixes.includes('') && explained.length > most * names.length ? prefixes : []
}

/** Words before names that trainers, compilers and other programs are known to write. */
const usual = /^((state_dict|model|module|_orig_mod|diffusion_model|unet|vae|text_encoder|model_ema|ema_model|ema)\.)+$/

/** What to say of a prefix that was left out and that no known program writes, as a sentence. */
export function prefixNotice(prefix: string | undefined): string | undefined {
  if (prefix === undefined || prefix === '' || usual.test(prefix)) return undefined
  return `Its tensors are named "${prefix}…", which no known program writes; it is read without these words.`
}
