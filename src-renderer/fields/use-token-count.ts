import { useEffect, useState } from 'react'
import type { RouteResult } from '#core/protocol/routes.ts'
import { call } from '../api/client.ts'

type TokenCount = RouteResult<'tokens'>

/** Milliseconds without a key before the tokens are counted. */
const pause = 250

/** Counts of texts that were asked for; the oldest go first. */
const known = new Map<string, TokenCount>()
const maxKnown = 500

/** One text is counted at a time, so that a canvas full of prompts does not flood the server. */
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

/** The tokens of a text, counted by the server a moment after it changed; until then, and without a server, the last count. */
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
