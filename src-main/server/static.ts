import { existsSync } from 'node:fs'
import { join } from 'node:path'
import compress from '@fastify/compress'
import files from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { LoomError } from '#core/errors.ts'

/**
 * Serves the editor's page.
 * @throws LoomError `not-found` if it has not been built
 */
export async function serveEditor(app: FastifyInstance, folder: string): Promise<void> {
  if (!existsSync(join(folder, 'index.html'))) {
    throw new LoomError('not-found', `The editor is not built: there is no index.html in ${folder}.`, {
      hint: 'Run `npm run build:editor`, or `npm start`, which does it.',
    })
  }
  await app.register(async (scope) => {
    await scope.register(compress, { globalDecompression: false, encodings: ['br', 'gzip'] })
    await scope.register(files, {
      root: folder,
      dotfiles: 'ignore',
      cacheControl: false,
      setHeaders(reply, path) {
        // the build names files in assets/ by their content
        const lasting = path.startsWith(join(folder, 'assets'))
        reply.header('cache-control', lasting ? 'public, max-age=31536000, immutable' : 'no-cache')
      },
    })
  })
}
