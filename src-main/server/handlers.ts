import type { ParsedBody, RouteName, RouteResult } from '#core/protocol/routes.ts'

/**
 * What the server does for a route; body and result are parsed around it.
 * @throws LoomError answered with the status of its code
 */
type Handler<R extends RouteName> = (given: {
  readonly body: ParsedBody<R>
  /** What stands for `:id` in the path; '' where there is none. Any text: a handler only looks it up. */
  readonly id: string
}) => Promise<RouteResult<R>>

export type Handlers<R extends RouteName = RouteName> = { readonly [Name in R]: Handler<Name> }
