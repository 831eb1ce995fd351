/** What a person reads of the canvas. */
export const canvas = {
  name: 'canvas',
} as const
