import type { ParsedBody, RouteName, RouteResult } from '#core/protocol/routes.ts'

/**
 * The work of one route. The caller parses the body before it and the result after it.
 * @throws LoomError which becomes the answer, with the HTTP status of its code
 */
type Handler<R extends RouteName> = (given: {
  readonly body: ParsedBody<R>
  /** The value of `:id` in the path, '' if the route has none. It can be any text: a handler only looks it up. */
  readonly id: string
}) => Promise<RouteResult<R>>

export type Handlers<R extends RouteName = RouteName> = { readonly [Name in R]: Handler<Name> }
