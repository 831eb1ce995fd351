import { join } from 'node:path'
import { z } from 'zod'
import { byteRoutes, type Template } from '#core/protocol/routes.ts'
import { readDocument } from '#engine/files/document.ts'
import { readRegularText } from '#engine/files/regular-file.ts'
import { resourcesFolder } from '../../program.ts'
import type { Handlers } from '../handlers.ts'
import { unknownId } from './ids.ts'

/** The bundled workflows, their preview pictures and their input pictures. */
export const templatesFolder = join(resourcesFolder, 'templates')

/** Groups and their templates, in the order shown. */
const indexSchema = z.array(
  z.object({ group: z.string(), templates: z.array(z.object({ id: z.string(), description: z.string() })) }),
)

export interface Templates {
  readonly handlers: Handlers<'listTemplates'>
  /** A WebP file. */
  pictureOf(id: string): string
}

/** The templates that `index.json` lists. */
export async function openTemplates(): Promise<Templates> {
  const index = indexSchema.parse(JSON.parse(await readRegularText(join(templatesFolder, 'index.json'))))
  const templates = await Promise.all(
    index.flatMap(({ group, templates }) =>
      templates.map(async ({ id, description }): Promise<Template> => {
        const text = await readRegularText(join(templatesFolder, `${id}.loom.json`))
        const title = readDocument(text).workflow.name ?? id
        return { id, group, title, description, text, picture: byteRoutes.templatePicture(id) }
      }),
    ),
  )
  return {
    handlers: { listTemplates: async () => ({ templates }) },
    pictureOf(id) {
      if (!templates.some((template) => template.id === id)) throw unknownId('template')
      return join(templatesFolder, `${id}.webp`)
    },
  }
}
