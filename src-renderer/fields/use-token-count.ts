import { useEffect, useState } from 'react'
import type { RouteResult } from '#core/protocol/routes.ts'
import { call } from '../api/client.ts'

type TokenCount = RouteResult<'tokens'>

/** Milliseconds without typing before tokens are counted. */
const pause = 250

/** Cached counts. The oldest are removed first. */
const known = new Map<string, TokenCount>()
const maxKnown = 500

/** Counts one text at a time, so that many prompts do not flood the server. */
let queue: Promise<unknown> = Promise.resolve()

function count(text: string, signal: AbortSignal): Promise<TokenCount | undefined> {
  const counted = queue.then(async () => {
    if (signal.aborted) return undefined
    const result = known.get(text) ?? (await call('tokens', { text }, { signal }))
    known.delete(text)
    known.set(text, result)
    for (const oldest of known.keys()) if (known.size > maxKnown) known.delete(oldest)
    return result
  })
  queue = counted.catch(() => undefined)
  return counted
}

/** The token count of a text. The server counts a moment after a change; until then the last count is returned. */
export function useTokenCount(text: string): TokenCount | undefined {
  const [counted, setCounted] = useState<TokenCount | undefined>(() => known.get(text))
  useEffect(() => {
    const abort = new AbortController()
    const timer = setTimeout(
      () => {
        count(text, abort.signal).then(
          (result) => result && setCounted(result),
          () => setCounted(undefined),
        )
      },
      known.has(text) ? 0 : pause,
    )
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [text])
  return counted
}
