import type { z } from 'zod'
import { LoomError } from '#core/errors.ts'
import { fromErrorData } from '#core/protocol/error-data.ts'
import {
  type RouteBody,
  type RouteName,
  type RouteResult,
  routeError,
  routeResults,
  routes,
} from '#core/protocol/routes.ts'

const resultOf: { readonly [R in RouteName]: z.ZodType<RouteResult<R>> } = routeResults

interface CallOptions {
  /** Replaces `:id` in the path. */
  readonly id?: string
  readonly signal?: AbortSignal
  /** The browser finishes the request even if the page closes. */
  readonly keepalive?: boolean
}

/** The server did not answer at all. The error is of no interest once it does. */
export class Unreachable extends LoomError {
  constructor(cause: unknown) {
    super('io', 'The server does not answer.', {
      hint: 'Start it again with npm start; what you have edited is still here.',
      cause,
    })
  }
}

/**
 * Calls a route of the server.
 * @throws LoomError the server's error, or `io` if it does not answer
 */
export async function call<R extends RouteName>(
  name: R,
  body: RouteBody<R>,
  { id, signal, keepalive }: CallOptions = {},
): Promise<RouteResult<R>> {
  const { method, path } = routes[name]
  const response = await send(path.replace(':id', encodeURIComponent(id ?? '')), {
    method,
    ...(method !== 'GET' && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    ...(signal && { signal }),
    ...(keepalive && { keepalive }),
  })
  const schema: z.ZodType<RouteResult<R>> = resultOf[name]
  const parsed = schema.safeParse(await response.json())
  if (parsed.success) return parsed.data
  throw new LoomError('io', `The server answered ${name} with something unknown.`, {
    hint: 'Reload the page; the server may be of another version.',
    cause: parsed.error,
  })
}

/**
 * A request whose answer is not JSON of a route.
 * @throws LoomError as `call`
 */
export async function send(path: string, options: RequestInit = {}): Promise<Response> {
  const response = await fetch(path, { credentials: 'same-origin', ...options }).catch((cause: unknown) => {
    throw new Unreachable(cause)
  })
  if (response.ok) return response
  const parsed = routeError.safeParse(await response.json().catch(() => undefined))
  if (parsed.success) throw fromErrorData(parsed.data.error)
  throw new LoomError('io', `The server refused ${path} with status ${response.status}.`, { hint: 'Reload the page.' })
}
