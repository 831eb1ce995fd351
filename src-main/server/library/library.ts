import type { Library, LibraryOptions } from './types.ts'

/** Opens the library; makes its folders where they are missing. */
export async function createLibrary(_options: LibraryOptions): Promise<Library> {
  throw new Error('not yet')
}
