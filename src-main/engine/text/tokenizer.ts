import { join } from 'node:path'
import { LoomError } from '#core/errors.ts'
import { resourcesFolder } from '#main/program.ts'
import { readRegularFile } from '../files/regular-file.ts'
import { type MergeRanks, mergePairs, pairKey } from './bpe.ts'

/** CLIP's start token. */
export const startToken = 49_406
/** CLIP's end token. CLIP-L also pads with it. */
export const endToken = 49_407

/** Tokens 0 to 255 are bytes, 256 to 511 bytes at the end of a word, from 512 on merges, then start and end. */
const byteTokens = 256
const firstMerged = 2 * byteTokens
const mergeCount = startToken - firstMerged

const mergesFile = join(resourcesFolder, 'tokenizer', 'clip-merges.bin')

const specialTokens = new Map([
  ['<|startoftext|>', startToken],
  ['<|endoftext|>', endToken],
])
const specialPattern = /(<\|startoftext\|>|<\|endoftext\|>)/
/**
 * Runs that can be normalised to NFC one by one: letters with their marks. Only stacks of more than 256 marks are cut.
 */
const composedPattern = /\P{M}*\p{M}{0,256}/gu
const wordPattern = /'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\p{White_Space}\p{L}\p{N}]+/gu

/** Byte to token: the vocabulary numbers the printable bytes of Latin-1 first. */
const tokenOfByte = (() => {
  const printable = (byte: number): boolean => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173)
  const bytes = Array.from({ length: byteTokens }, (_, byte) => byte)
  const order = [...bytes.filter(printable), ...bytes.filter((byte) => !printable(byte))]
  const tokens = new Uint16Array(byteTokens)
  for (const [token, byte] of order.entries()) tokens[byte] = token
  return tokens
})()

const utf8 = new TextEncoder()

/**
 * CLIP's byte-pair tokenizer: 49,408 tokens, with the ids of transformers' CLIPTokenizer (NFC, lower case, no ftfy).
 * It is the same for CLIP-L and OpenCLIP, which differ only in padding.
 */
export class ClipTokenizer {
  readonly #ranks: MergeRanks

  private constructor(ranks: MergeRanks) {
    this.#ranks = ranks
  }

  /**
   * Reads the merges: pairs of little-endian uint16 tokens, in the order of their rank.
   *
   * @throws LoomError `io` when the file cannot be read, `parse` when it has another size.
   */
  static async load(file = mergesFile): Promise<ClipTokenizer> {
    const hint = "Reinstall Latent Loom: the file is one of the program's own."
    const bytes = await readRegularFile(file).catch((cause: unknown) => {
      throw new LoomError('io', `The tokenizer's merges cannot be read from ${file}.`, { hint, cause })
    })
    if (bytes.length !== mergeCount * 4) {
      const message = `The tokenizer's merges in ${file} are ${bytes.length} bytes long, not ${mergeCount * 4}.`
      throw new LoomError('parse', message, { hint })
    }
    const ranks = new Map<number, number>()
    for (let rank = 0; rank < mergeCount; rank++) {
      ranks.set(pairKey(bytes.readUInt16LE(rank * 4), bytes.readUInt16LE(rank * 4 + 2)), rank)
    }
    return new ClipTokenizer(ranks)
  }

  /**
   * Token ids of any text, without start and end. `<|startoftext|>` and `<|endoftext|>` in the text give these tokens,
   * as in the reference. A lone surrogate counts as U+FFFD.
   */
  encode(text: string): number[] {
    const tokens: number[] = []
    // run by run, because sorting combining marks takes quadratic time
    const composed = text.replace(composedPattern, (run) => run.normalize('NFC'))
    // the reference lowers character by character, so a capital sigma at the end of a word does not become a final
    // sigma
    const normal = composed.replaceAll('Σ', 'σ').toLowerCase()
    for (const part of normal.split(specialPattern)) {
      const special = specialTokens.get(part)
      if (special !== undefined) tokens.push(special)
      else
        for (const [word] of part.matchAll(wordPattern)) for (const token of this.#encodeWord(word)) tokens.push(token)
    }
    return tokens
  }

  #encodeWord(word: string): number[] {
    const symbols = Array.from(utf8.encode(word), (byte) => tokenOfByte[byte] ?? 0)
    symbols.push((symbols.pop() ?? 0) + byteTokens)
    return mergePairs(symbols, this.#ranks, firstMerged)
  }
}
