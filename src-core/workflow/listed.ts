/** A longer list does not help the reader. */
const maxNames = 30

/** Names for a message: "a, b, c". A long list is cut. */
export function listed(names: readonly string[]): string {
  if (names.length === 0) return 'none'
  const shown = names.slice(0, maxNames).join(', ')
  return names.length > maxNames ? `${shown} and ${names.length - maxNames} more` : shown
}
