import { kindRow } from './kinds.ts'
import type { Type } from './types.ts'

/** A value of this type as a noun phrase: "a latent with 4 channels of 512 x 512 pixels". */
export function describe(type: Type): string {
  return kindRow(type.kind).describe(type, { describe })
}
