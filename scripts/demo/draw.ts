import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Result } from '#core/protocol/messages.ts'
import type { Engine } from '#engine/engine.ts'
import { engineEnvironment } from '#main/host/environment.ts'
import { modelFolders } from '#main/host/model-folders.ts'
import { superviseEngine } from '#main/host/supervisor.ts'
import { programModules, resourcesFolder } from '#main/program.ts'

/** Values by their names in the form, or by `node.input`. */
export type Settings = Readonly<Record<string, string | number>>

/** An engine in a separate process, like the command line's. */
export function openEngine(): Engine {
  return superviseEngine({
    module: programModules.engine.href,
    options: { models: modelFolders([]) },
    environment: engineEnvironment(),
  })
}

/** Runs a template on the CPU, and saves its pictures in `folder`. */
export async function draw(
  engine: Engine,
  template: string,
  settings: Settings,
  folder: string,
): Promise<Result<'run'> & { readonly path: string }> {
  const file = join(resourcesFolder, 'templates', `${template}.loom.json`)
  const result = await engine.run(
    {
      document: await readFile(file, 'utf8'),
      folders: [dirname(file)],
      overrides: Object.entries(settings).map(([name, value]) => ({ name, value: String(value) })),
      outputFolder: folder,
      device: 'cpu',
      previews: false,
      verify: false,
    },
    (event) => {
      if (event.type === 'warning') process.stderr.write(`${event.error.message}\n`)
    },
    new AbortController().signal,
  )
  const [image] = result.images
  if (!image) throw new Error(`The template ${template} saved no picture.`)
  return { ...result, path: image.path }
}
