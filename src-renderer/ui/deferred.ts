import { type ComponentType, createElement, use } from 'react'
import { mendStyles } from './broken-styles.ts'

/** A server that is started again, or a moment without a network. */
const pause = 600

const failed = new Set<() => void>()

/** Lets what could not be loaded be asked for again, when it is drawn next. */
export function forgetFailures(): void {
  for (const forget of failed) forget()
  failed.clear()
}

/**
 * Loads something, with a second try a moment later.
 * @param hasFailed it was tried before, so that its style sheets may be missing
 */
export async function loadPatiently<T>(load: () => Promise<T>, hasFailed = false): Promise<T> {
  const loadAgain = () => mendStyles().then(load)
  try {
    return await (hasFailed ? loadAgain() : load())
  } catch {
    await new Promise((resolve) => setTimeout(resolve, pause))
    return loadAgain()
  }
}

interface Part<P> {
  readonly load: () => Promise<ComponentType<P>>
  loading?: Promise<ComponentType<P>> | undefined
  hasFailed?: boolean
}

/**
 * A component that is loaded when it is drawn first. One that could not be loaded throws, and goes on doing so until its failure is
 * forgotten, which a {@link Boundary} does.
 */
export function deferred<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  const part: Part<P> = { load }
  return (props) => createElement(use(loadingOf(part)), props)
}

function loadingOf<P>(part: Part<P>): Promise<ComponentType<P>> {
  if (part.loading) return part.loading
  const loading = loadPatiently(part.load, part.hasFailed)
  part.loading = loading
  loading.catch(() => {
    part.hasFailed = true
    failed.add(() => {
      part.loading = undefined
    })
  })
  return loading
}
