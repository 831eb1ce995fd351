/** What a person reads of the fields. */
export const fields = {
  name: 'fields',
} as const
