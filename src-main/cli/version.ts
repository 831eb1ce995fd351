import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { programFolder } from '../program.ts'

const { version }: { version: string } = JSON.parse(readFileSync(join(programFolder, 'package.json'), 'utf8'))

/** The program's version, as its package says. */
export const programVersion = version
