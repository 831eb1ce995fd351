/** What a person reads of the actions. */
export const actions = {
  name: 'actions',
} as const
