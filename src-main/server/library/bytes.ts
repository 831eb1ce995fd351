import type { FastifyInstance, FastifyReply } from 'fastify'
import { pictureTypes } from '#core/formats/file-format.ts'
import { byteRoutes } from '#core/protocol/routes.ts'
import { readRegularFile } from '#engine/files/regular-file.ts'
import { type Assets, maxAssetBytes } from './assets.ts'
import type { Models } from './models.ts'
import type { Pictures } from './pictures.ts'
import type { Templates } from './templates.ts'
import type { Thumbnails } from './thumbnails.ts'

interface Shelves {
  readonly assets: Assets
  readonly pictures: Pictures
  readonly models: Models
  readonly templates: Templates
  readonly thumbnails: Thumbnails
}

interface WithId {
  readonly Params: { readonly id: string }
}

/** Cache header for content that never changes at its address. */
const forever = 'private, max-age=31536000, immutable'
/** Cache header for content that may be replaced. */
const checked = 'private, no-cache'

/**
 * The routes that carry bytes. Failures are thrown as LoomError; the headers that make a browser take the bytes for
 * nothing but what they are said to be are those of every answer.
 */
export function registerBytes(app: FastifyInstance, shelves: Shelves): void {
  const { assets, pictures, models, templates, thumbnails } = shelves
  const get = (route: (id: string) => string, answer: (id: string, reply: FastifyReply) => Promise<FastifyReply>) =>
    app.get<WithId>(pattern(route), ({ params: { id } }, reply) => answer(id, reply))

  get(byteRoutes.picture, async (id, reply) => send(reply, 'image/png', checked, await pictures.withFile(id, bytesOf)))
  get(byteRoutes.thumbnail, async (id, reply) =>
    send(reply, 'image/webp', checked, await pictures.withFile(id, thumbnails.of)),
  )
  get(byteRoutes.modelPicture, async (id, reply) =>
    send(reply, 'image/webp', checked, await thumbnails.of(models.pictureOf(id))),
  )
  get(byteRoutes.templatePicture, async (id, reply) =>
    send(reply, 'image/webp', checked, await bytesOf(templates.pictureOf(id))),
  )
  get(byteRoutes.asset, async (id, reply) => {
    const { path, type } = assets.find(id)
    return send(reply, type, forever, await bytesOf(path))
  })

  // a scope of its own, because only here are bodies raw bytes
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(Object.values(pictureTypes), { parseAs: 'buffer' }, (_request, body, done) => {
      done(null, body)
    })
    scope.post<{ Body: Buffer }>(byteRoutes.assets, { bodyLimit: maxAssetBytes }, ({ body }) => assets.put(body))
  })
}

/** The path of a route, with `:id` in place of the id. */
const pattern = (route: (id: string) => string): string => decodeURIComponent(route(':id'))

const bytesOf = (path: string): Promise<Buffer> => readRegularFile(path)

function send(reply: FastifyReply, type: string, caching: string, bytes: Uint8Array): FastifyReply {
  return reply.headers({ 'content-type': type, 'cache-control': caching }).send(bytes)
}
