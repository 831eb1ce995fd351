import pLimit from 'p-limit'
import type { FileKnowledge } from '#core/types/facts.ts'
import type { FileKind } from '#core/types/types.ts'
import { asKnowledge } from '#engine/facts.ts'
import { fileFinder } from '#engine/files/resolve-file.ts'
import type { Handlers } from '../handlers.ts'
import type { HeaderReader } from './header-reader.ts'
import { stateOf } from './signature.ts'

const maxKept = 10_000

interface FactsOptions {
  /** Folders that file names of a document start from. */
  readonly foldersOf: (document: string | undefined) => readonly string[]
  readonly modelFolders: readonly string[]
  readonly readFact: HeaderReader['fact']
}

/** The facts of files, read from their headers as the engine reads them. An unchanged file is read once. */
export function factsHandler({ foldersOf, modelFolders, readFact }: FactsOptions): Handlers<'facts'>['facts'] {
  const run = pLimit(4)
  const kept = new Map<string, FileKnowledge>()

  async function factOf(name: string, kind: FileKind, find: (name: string) => Promise<string>): Promise<FileKnowledge> {
    try {
      const path = await find(name)
      const { signature } = await stateOf(path)
      const key = `${kind} ${name}\n${path}\n${signature}`
      const before = kept.get(key)
      if (before) return before
      const fact = await readFact(path, kind, name)
      // a drive error may be temporary, so it is not cached
      if (fact.kind !== 'error' || fact.code !== 'io') kept.set(key, fact)
      const [oldest] = kept.keys()
      if (kept.size > maxKept && oldest !== undefined) kept.delete(oldest)
      return fact
    } catch (error) {
      return asKnowledge(error, name)
    }
  }

  return async ({ body: { document, files } }) => {
    const find = fileFinder({ folders: foldersOf(document), models: modelFolders, confined: true })
    const asked = new Map<string, Promise<FileKnowledge>>()
    const known = files.map(async ({ name, kind }) => {
      const key = `${kind} ${name}`
      const answer = asked.get(key) ?? run(() => factOf(name, kind, find))
      asked.set(key, answer)
      return { name, kind, knowledge: await answer }
    })
    return { files: await Promise.all(known) }
  }
}
