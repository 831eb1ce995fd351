/** What a person reads of the commands. */
export const commands = {
  name: 'commands',
} as const
