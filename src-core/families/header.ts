/** Names (with prefixes) and shapes of a model file's tensors, by which it is recognised. */
export interface Header {
  readonly has: (name: RegExp) => boolean
  /** Width of the text context in cross-attention. */
  readonly contextWidth: number | undefined
  /** Width of a text encoder's token embeddings. */
  readonly tokenWidth: number | undefined
  /** Whether transformers project with linear layers. Otherwise with 1x1 convolutions. */
  readonly linearProjection: boolean
  /** Number of tensors. */
  readonly count: number
  /** Whether every tensor is vectors of a text encoder's width, with a name that no layer has. */
  readonly wordsAlone: boolean
}

type Tensors = ReadonlyMap<string, { readonly shape: readonly number[] }>

export function headerOf(tensors: Tensors): Header {
  const names = Array.from(tensors.keys())
  const shapeOf = (pattern: RegExp) => tensors.get(names.find((name) => pattern.test(name)) ?? '')?.shape
  return {
    has: (pattern) => names.some((name) => pattern.test(name)),
    contextWidth: shapeOf(/\.attn2\.to_k\.weight$/)?.[1],
    tokenWidth: shapeOf(/(^|\.)token_embedding\.weight$/)?.[1] ?? finalWidth(shapeOf),
    linearProjection: shapeOf(/\.proj_in\.weight$/)?.length === 2,
    count: names.length,
    wordsAlone: Array.from(tensors).every(([name, { shape }]) => !name.includes('.') && areWords(shape)),
  }
}

/** The width of a text encoder's last norm. Only those of CLIP have such names beside such layers. */
function finalWidth(shapeOf: (pattern: RegExp) => readonly number[] | undefined): number | undefined {
  const isTower =
    shapeOf(/(^|\.)(encoder\.layers\.\d+\.mlp\.fc1|transformer\.resblocks\.\d+\.mlp\.c_fc)\./) !== undefined
  return isTower ? shapeOf(/(^|\.)(final_layer_norm|ln_final)\.(weight|bias)$/)?.[0] : undefined
}

export const hasUnet = ({ has }: Header): boolean => has(/(^|\.)(input_blocks\.\d+\.0|down_blocks\.\d+\.resnets)\./)

/** Whether a UNet takes a vector besides the text: sizes (SDXL) or a picture embedding (unCLIP). */
export const hasVector = ({ has }: Header): boolean =>
  has(/(^|\.)(label_emb\.0\.0|add_embedding\.linear_1)\.(weight|bias)$/)

/** Number of blocks of a transformer, given its name in both naming schemes. 0 if it is missing. */
export function depthOf({ has }: Header, ldm: string, diffusers: string): number {
  const either = `(^|\\.)(${ldm}|${diffusers})`
  let depth = 0
  while (has(new RegExp(`${either}\\.transformer_blocks\\.${depth}\\.`))) depth++
  return depth
}

/** The widths of CLIP-L, OpenCLIP-H and OpenCLIP-G. */
const wordWidths: ReadonlySet<number> = new Set([768, 1024, 1280])

function areWords(shape: readonly number[]): boolean {
  return shape.length >= 1 && shape.length <= 3 && wordWidths.has(shape.at(-1) ?? 0)
}
