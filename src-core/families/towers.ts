import type { Tower } from './family.ts'

type Architecture = Pick<Tower, 'name' | 'width' | 'activation' | 'padToken'>

/** Its padding token is the end token. */
export const clipL: Architecture = { name: 'CLIP-L', width: 768, activation: 'quick_gelu', padToken: 49407 }
export const openClipH: Architecture = { name: 'OpenCLIP-H', width: 1024, activation: 'gelu', padToken: 0 }
export const openClipG: Architecture = { name: 'OpenCLIP-G', width: 1280, activation: 'gelu', padToken: 0 }

export const last = (): number => 1
export const penultimate = (): number => 2
