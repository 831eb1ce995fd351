import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { programFolder } from '#main/program.ts'
import { temporaryFolder } from '../golden-networks.ts'

it.skipIf(!existsSync('/usr/bin/dpkg-deb'))(
  "builds a package by Debian's own tools from what fpm would be told",
  () => {
    const folder = temporaryFolder()
    const program = join(folder, 'program')
    mkdirSync(program)
    writeFileSync(join(program, 'run'), '#!/bin/sh\n', { mode: 0o755 })
    for (const script of ['after', 'before']) writeFileSync(join(folder, script), '#!/bin/sh\n')
    const file = join(folder, 'some.deb')
    const args = ['-s', 'dir', '--force', '-t', 'deb', '-d', 'liba | libb', '-d', 'libc6', '--deb-compression', 'gz']
    const about = [
      '--name',
      'some',
      '--version',
      '1.2~beta',
      '--architecture',
      'amd64',
      '--maintainer',
      'We <we@here.invalid>',
    ]
    const scripts = ['--after-install', join(folder, 'after'), '--after-remove', join(folder, 'before')]
    const description = ['--description', 'short\n long', '--package', file]
    const mappings = [`${program}/=/opt/Some Thing`, `${join(folder, 'after')}=/usr/bin/some`]
    const fpm = join(programFolder, 'scripts', 'pack', 'fpm.ts')
    chmodSync(join(folder, 'after'), 0o755)
    execFileSync(process.execPath, [fpm, ...args, ...about, ...scripts, ...description, ...mappings])

    const field = (name: string) => execFileSync('dpkg-deb', ['--field', file, name], { encoding: 'utf8' }).trim()
    expect(field('Depends')).toBe('liba | libb, libc6')
    expect(field('Version')).toBe('1.2~beta')
    expect(field('Description')).toBe('short\n long')
    const contents = execFileSync('dpkg-deb', ['--contents', file], { encoding: 'utf8' })
    expect(contents).toMatch(/^-rwxr-xr-x root\/root .* \.\/opt\/Some Thing\/run$/m)
    expect(contents).toMatch(/^-rwxr-xr-x root\/root .* \.\/usr\/bin\/some$/m)
    const control = execFileSync('dpkg-deb', ['--ctrl-tarfile', file])
    expect(control.toString('latin1')).toContain('  opt/Some Thing/run\n')
  },
)
