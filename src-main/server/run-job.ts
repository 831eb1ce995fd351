import { randomUUID } from 'node:crypto'
import { copyFile, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { LoomError } from '#core/errors.ts'
import { toErrorData } from '#core/protocol/error-data.ts'
import type { RunEvent } from '#core/protocol/messages.ts'
import type { Engine } from '#engine/engine.ts'
import type { Library } from './library/types.ts'
import type { RunJob } from './queue/queue.ts'

/** Runs jobs on the engine and stores their pictures in the library. A job ends once they are stored. */
export function jobRunner(engine: Engine, library: Pick<Library, 'jobFolders' | 'addPicture'>): RunJob {
  return async ({ workflow, file, targets, live, device, precision, previews, decodedPreviews }, output, signal) => {
    const { output: lasting, models, scratch, folders } = library.jobFolders(file)
    const outputFolder = live ? scratch : lasting
    /** In the order they were drawn. */
    let keeping = Promise.resolve()

    async function keep({ path, node, width, height, seed, shown = false }: Image): Promise<void> {
      try {
        const passing = live || shown
        const kept = passing && outputFolder !== scratch ? await move(path, scratch) : path
        output.picture(await library.addPicture({ path: kept, node, width, height, seed, passing }))
      } catch (cause) {
        const error = new LoomError('io', `A picture was made and cannot be shown: ${String(cause)}`, { cause })
        output.event({ type: 'warning', error: toErrorData(error) })
      }
    }

    try {
      return await engine.run(
        {
          document: workflow,
          folders,
          confined: true,
          overrides: [],
          outputFolder,
          modelFolder: models,
          device,
          precision,
          previews,
          decodedPreviews,
          verify: false,
          ...(targets && { targets }),
          ...(live && { strengths: 'live' }),
        },
        (event) => {
          if (event.type === 'image') keeping = keeping.then(() => keep(event))
          output.event(event)
        },
        signal,
      )
    } finally {
      await keeping
    }
  }
}

type Image = Extract<RunEvent, { type: 'image' }>

/** Copies rather than renames, because the two folders may be on different drives. */
async function move(path: string, folder: string): Promise<string> {
  const target = join(folder, `${randomUUID()}-${basename(path)}`)
  await copyFile(path, target)
  await rm(path)
  return target
}
