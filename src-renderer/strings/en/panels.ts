/** What a person reads of the panels. */
export const panels = {
  name: 'panels',
} as const
