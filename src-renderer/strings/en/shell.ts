/** What a person reads of the shell. */
export const shell = {
  name: 'shell',
} as const
