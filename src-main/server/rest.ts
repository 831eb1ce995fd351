import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { LoomError } from '#core/errors.ts'
import {
  type ParsedBody,
  type RouteName,
  type RouteResult,
  routeBodies,
  routeResults,
  routes,
} from '#core/protocol/routes.ts'
import type { Handlers } from './handlers.ts'
import type { ToClients } from './path-names.ts'

const bodyOf: { readonly [R in RouteName]: z.ZodType<ParsedBody<R>> } = routeBodies
const resultOf: { readonly [R in RouteName]: z.ZodType<RouteResult<R>> } = routeResults

/** Bytes of a body without a document at most. */
export const smallBody = 2 ** 20
/** Bytes of a body with a document at most: 64 MiB, and more for its escapes as a JSON string. */
const documentBody = 96 * 2 ** 20
const bodyLimits: { readonly [R in RouteName]?: number } = {
  submitJob: documentBody,
  createDocument: documentBody,
  saveDocument: documentBody,
  saveDraft: documentBody,
  validate: documentBody,
  facts: 64 * smallBody,
}

/** Registers every route of the protocol. @param told what leaves of a result */
export function registerRoutes(app: FastifyInstance, handlers: Handlers, told: ToClients): void {
  for (const name of Object.keys(routes) as RouteName[]) register(app, name, handlers, told)
}

function register<R extends RouteName>(app: FastifyInstance, name: R, handlers: Handlers, told: ToClients): void {
  const { method, path } = routes[name]
  app.route<{ Params: { id?: string } }>({
    method,
    url: path,
    bodyLimit: bodyLimits[name] ?? smallBody,
    async handler(request) {
      const schema: z.ZodType<ParsedBody<R>> = bodyOf[name]
      const parsed = schema.safeParse(method === 'GET' ? {} : jsonOf(request))
      if (!parsed.success) throw malformed(name, parsed.error)
      const handler: Handlers[R] = handlers[name]
      const result = await handler({ body: parsed.data, id: request.params.id ?? '' })
      const results: z.ZodType<RouteResult<R>> = resultOf[name]
      return results.parse(told(result))
    },
  })
}

/** Requires JSON, which an HTML form cannot send. */
function jsonOf({ headers, body }: FastifyRequest<{ Params: { id?: string } }>): unknown {
  if (/^application\/json\b/i.test(headers['content-type'] ?? '')) return body
  throw new LoomError('unsupported', 'The request is not of the content type application/json.', {
    hint: 'Send JSON; an empty object where there is nothing to say.',
  })
}

function malformed(name: string, error: z.ZodError): LoomError {
  const [issue] = error.issues
  const where = issue?.path.length ? ` at ${issue.path.join('.')}` : ''
  return new LoomError('type', `The request ${name} is malformed${where}: ${issue?.message ?? ''}.`, { cause: error })
}
