/**
 * Copies ONNX Runtime and koffi into the package, below `dist`. Were they dependencies, npm would run their install scripts.
 * That of ONNX Runtime fetches 300 MB of CUDA from a host that is no registry and fails where that host cannot be reached;
 * that of koffi does nothing where its library, a dependency without a script, is there.
 * usage: node scripts/vendor-onnxruntime.ts [PLATFORM/ARCH ...]     all that it comes for, if none is named
 */
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { programFolder } from '#main/program.ts'

const installed = join(programFolder, 'node_modules')
const shipped = join(programFolder, 'dist', 'node_modules')
const platforms = process.argv.slice(2)

async function vendor(name: string, parts: readonly string[]): Promise<void> {
  const {
    scripts: _,
    devDependencies: __,
    ...manifest
  } = JSON.parse(await readFile(join(installed, name, 'package.json'), 'utf8'))
  for (const part of parts) {
    // not what only a developer's tools read
    const filter = (file: string) => !/\.(map|ts)$/.test(file)
    await cp(join(installed, name, part), join(shipped, name, part), { recursive: true, filter })
  }
  await writeFile(join(shipped, name, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
}

await rm(shipped, { recursive: true, force: true })
await mkdir(shipped, { recursive: true })
const libraries = platforms.length > 0 ? platforms.map((platform) => `bin/napi-v6/${platform}`) : ['bin']
await vendor('onnxruntime-node', ['dist', ...libraries])
await vendor('onnxruntime-common', ['dist'])
await vendor('koffi', ['index.js', 'src/koffi/index.js', 'src/koffi/src/static.js', 'LICENSE.txt'])
