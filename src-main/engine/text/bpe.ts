/** Ranks of mergeable pairs, by `pairKey`. The lowest rank merges first. */
export type MergeRanks = ReadonlyMap<number, number>

/** Key of two tokens below 65,536 in `MergeRanks`. */
export const pairKey = (left: number, right: number): number => left * 0x10000 + right

/** Heap entries are `rank * stride + position`: lowest rank first, leftmost among equals. */
const stride = 2 ** 32

/**
 * Byte-pair encoding of one word (Sennrich et al., arXiv 1508.07909): merges the pair of lowest rank until none is
 * left. A linked list and a heap make it O(n log n), because a word may be a hundred kilobytes long.
 *
 * @param symbols The word's first tokens, below 65,536.
 * @param firstMerged The token that the merge of rank 0 gives. Rank r gives `firstMerged + r`.
 */
export function mergePairs(symbols: readonly number[], ranks: MergeRanks, firstMerged: number): number[] {
  const length = symbols.length
  // the extra element at the end keeps links inside the arrays; a negative token is a removed one
  const token = new Int32Array(length + 1).fill(-1)
  token.set(symbols)
  const next = new Int32Array(length + 1).map((_, index) => index + 1)
  const previous = new Int32Array(length + 1).map((_, index) => index - 1)
  const rankAt = (position: number): number | undefined => {
    const left = token[position] ?? -1
    const right = token[next[position] ?? length] ?? -1
    return left < 0 || right < 0 ? undefined : ranks.get(pairKey(left, right))
  }
  const heap: number[] = []
  const offer = (position: number): void => {
    const rank = rankAt(position)
    if (rank !== undefined) push(heap, rank * stride + position)
  }
  for (let position = 0; position < length; position++) offer(position)

  for (let entry = pop(heap); entry !== undefined; entry = pop(heap)) {
    const position = entry % stride
    const rank = Math.floor(entry / stride)
    // the entry is stale if a neighbour has merged since
    if (rankAt(position) !== rank) continue
    const merged = next[position] ?? length
    const after = next[merged] ?? length
    token[position] = firstMerged + rank
    token[merged] = -1
    next[position] = after
    previous[after] = position
    offer(previous[position] ?? -1)
    offer(position)
  }

  const result: number[] = []
  for (let position = 0; position < length; position = next[position] ?? length) result.push(token[position] ?? -1)
  return result
}

/** Adds to a binary min-heap. */
function push(heap: number[], entry: number): void {
  let index = heap.length
  while (index > 0) {
    const parent = (index - 1) >> 1
    const above = heap[parent] ?? entry
    if (above <= entry) break
    heap[index] = above
    index = parent
  }
  heap[index] = entry
}

/** Removes the least entry of a binary min-heap; undefined if the heap is empty. */
function pop(heap: number[]): number | undefined {
  const least = heap[0]
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return least
  let index = 0
  for (;;) {
    const left = 2 * index + 1
    const child = (heap[left + 1] ?? Infinity) < (heap[left] ?? Infinity) ? left + 1 : left
    const below = heap[child] ?? Infinity
    if (below >= last) break
    heap[index] = below
    index = child
  }
  heap[index] = last
  return least
}
