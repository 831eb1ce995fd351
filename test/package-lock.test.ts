import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { programFolder } from '#main/program.ts'

interface Locked {
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly hasInstallScript?: boolean
}

const { packages }: { packages: Record<string, Locked> } = JSON.parse(
  readFileSync(join(programFolder, 'package-lock.json'), 'utf8'),
)
const nameOf = (path: string) => path.split('node_modules/').at(-1)

it('holds the packages of all platforms, else `npm ci` refuses it', () => {
  const locked = new Set(Object.keys(packages).map(nameOf))
  const wanted = Object.values(packages).flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
  expect(wanted.length).toBeGreaterThan(50)
  expect(wanted.filter((name) => !locked.has(name))).toEqual([])
})

/** npm runs no script that the lock does not announce. That of onnxruntime-node fetches 300 MB from a host that is no registry. */
it('announces one install script, that of Node', () => {
  const scripted = Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript)
  expect(scripted.map(([path]) => nameOf(path))).toEqual(['node'])
})
