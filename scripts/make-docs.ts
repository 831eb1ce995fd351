/** Generates pages of `docs/` from the program: `npm run docs`. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { programFolder } from '#main/program.ts'
import { pages } from './docs/pages.ts'

for (const [name, text] of pages) await writeFile(join(programFolder, 'docs', name), text)
