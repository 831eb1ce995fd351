import { execFile } from 'node:child_process'
import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { glob, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { createGzip } from 'node:zlib'

const licences = 'LICENSES.chromium.html'

/**
 * Takes out of a packed folder for Linux what only a debugger reads, and compresses the licences of Chromium as Debian
 * wants it. It does nothing elsewhere.
 */
export async function slim(folder: string): Promise<void> {
  if (process.platform !== 'linux') return
  for await (const library of glob('*.so*', { cwd: folder })) {
    await promisify(execFile)('strip', ['--strip-unneeded', join(folder, library)])
  }
  const file = join(folder, licences)
  if (!existsSync(file)) return
  await pipeline(createReadStream(file), createGzip({ level: 9 }), createWriteStream(`${file}.gz`))
  await rm(file)
}
