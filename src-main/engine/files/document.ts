import { documentReader } from '#core/workflow/read.ts'
import { catalogue } from '#nodes/catalogue.ts'
import { inflateCapped } from './inflate.ts'

/** Reads workflows where there is Node. */
export const { readDocument, describeDocument } = documentReader({ catalogue, inflate: inflateCapped })
