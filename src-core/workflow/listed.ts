/** More names than this help nobody. */
const maxNames = 30

/** Names for a sentence: "a, b, c", with a long list cut. */
export function listed(names: readonly string[]): string {
  if (names.length === 0) return 'none'
  const shown = names.slice(0, maxNames).join(', ')
  return names.length > maxNames ? `${shown} and ${names.length - maxNames} more` : shown
}
