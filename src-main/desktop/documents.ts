import { basename, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { linksIn } from './link.ts'

/** Flags and links may end so, too. */
const isDocument = (argument: string): boolean =>
  /\.loom\.json$/i.test(argument) && !argument.startsWith('-') && linksIn([argument]).length === 0

/**
 * The documents among a program's arguments, as absolute paths. Some file managers hand over addresses.
 * @param folder that relative names start from
 */
export function documentsIn(args: readonly string[], folder: string): string[] {
  return args.filter(isDocument).flatMap((argument) => {
    if (!/^file:/i.test(argument)) return [resolve(folder, argument)]
    try {
      return [fileURLToPath(argument)]
    } catch {
      // on another machine
      return []
    }
  })
}

/** The file name for a document of this name: no system takes all characters. */
export const fileNameFor = (name: string): string => `${name.replaceAll(/[\p{Cc}/\\:*?"<>|]/gu, '-')}.loom.json`

/** The name of the document in a file. */
export const documentName = (file: string): string => basename(file).replace(/(\.loom)?\.json$/i, '')
