import { realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, sep } from 'node:path'

/** Calls files by their names in what clients read: where they lie on the server's drives is nobody's business. */
export type PathNames = (text: string) => string

/** A path that does not begin inside a word or a URL; the folders before its last name. */
const otherFolders = /(?<![\w.:/\\-])(?:[A-Za-z]:)?(?:[\\/][^\s\\/:"',;]+)+(?=[\\/][^\s\\/:"',;])[\\/]/g

/** @param folders of the server; a file inside one is called by its path below it */
export function pathNames(folders: readonly string[]): PathNames {
  const roots = [...new Set([...folders, ...folders.map(real), homedir()])]
    .filter((root) => basename(root) !== '')
    .sort((a, b) => b.length - a.length)
  return (text) => {
    if (!/[\\/]/.test(text)) return text
    const known = roots.reduce((told, root) => told.replaceAll(root + sep, '').replaceAll(root, basename(root)), text)
    return known.replace(otherFolders, '')
  }
}

function real(folder: string): string {
  try {
    return realpathSync(folder)
  } catch {
    return folder
  }
}

/** Fields that artists or pages wrote, and addresses. They leave as they are, for a page compares or saves them. */
const own: ReadonlySet<string> = new Set([
  ...['text', 'workflow', 'name', 'title', 'description', 'group', 'prompt', 'document'],
  ...['url', 'picture'],
])

/** What leaves the server: a value as JSON has it, in which files are called by their names. */
export type ToClients = (value: unknown) => unknown

/** The one door for everything that is told to pages: answers, errors and events. */
export function toClients(names: PathNames): ToClients {
  return function told(value: unknown): unknown {
    if (typeof value === 'string') return names(value)
    if (Array.isArray(value)) return value.map(told)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, own.has(key) && typeof each === 'string' ? each : told(each)]),
    )
  }
}
