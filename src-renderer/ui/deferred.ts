import { type ComponentType, createElement, use } from 'react'
import { mendStyles } from './broken-styles.ts'

/** Milliseconds before the second try: enough for a restarted server or a short network failure. */
const pause = 600

const failed = new Set<() => void>()

/** Forgets failed loads, so that the next render tries again. */
export function forgetFailures(): void {
  for (const forget of failed) forget()
  failed.clear()
}

/** Rejects while the server does not answer. */
const reachServer = () => fetch('/icon.svg', { method: 'HEAD', cache: 'no-store' })

/**
 * Loads a module, with a second try after a pause. It asks whether the server is there before each import, because Chromium
 * before version 156 never fetches a module again whose first fetch failed.
 * @param hasFailed an earlier load failed, so style sheets may be missing
 */
export async function loadPatiently<T>(
  load: () => Promise<T>,
  hasFailed = false,
  reach: () => Promise<unknown> = reachServer,
): Promise<T> {
  const loadAgain = () => reach().then(mendStyles).then(load)
  try {
    return await (hasFailed ? loadAgain() : reach().then(load))
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
 * A component that is loaded on first render. If loading fails, it throws until a {@link Boundary} forgets the failure.
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
