#!/usr/bin/env node
/**
 * Builds a Debian package by Debian's own `dpkg-deb`, called as electron-builder calls fpm. It is for machines that cannot fetch
 * fpm: CUSTOM_FPM_PATH=$PWD/scripts/pack/fpm.ts npm run dist -- deb
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  globSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'

const text = { type: 'string', default: '' } as const
const list = { type: 'string', multiple: true, default: [] as string[] } as const

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    source: { ...text, short: 's' },
    target: { ...text, short: 't' },
    depends: { ...list, short: 'd' },
    'deb-recommends': list,
    'deb-compression': text,
    'deb-priority': text,
    architecture: text,
    'after-install': text,
    'after-remove': text,
    category: text,
    description: text,
    force: { type: 'boolean' },
    license: text,
    maintainer: text,
    name: text,
    package: text,
    url: text,
    vendor: text,
    version: text,
  },
})
/** By fpm's names, those of dpkg-deb. */
const compressors: Readonly<Record<string, string>> = { gz: 'gzip', xz: 'xz', zst: 'zstd', none: 'none' }
const compressor = compressors[values['deb-compression']]
if (compressor === undefined) throw new Error(`dpkg-deb compresses nothing by ${values['deb-compression']}.`)
if (values.target !== 'deb') throw new Error(`dpkg-deb builds no ${values.target}.`)

const root = mkdtempSync(`${values.package}.`)
try {
  for (const mapping of positionals) place(mapping)
  writeControl()
  execFileSync('dpkg-deb', ['--root-owner-group', `-Z${compressor}`, '--build', root, values.package])
} finally {
  rmSync(root, { recursive: true })
}

/** Puts `SOURCE=TARGET`; a source that ends with a slash is a folder's content. Files of the same drive are linked, not copied. */
function place(mapping: string): void {
  const [, source = '', target = ''] = /^(.*?)=(\/.*)$/.exec(mapping) ?? []
  const to = join(root, target)
  mkdirSync(dirname(to), { recursive: true })
  if (source.endsWith('/')) execFileSync('cp', ['-al', source, to])
  else cpSync(source, to, { dereference: true })
}

function writeControl(): void {
  const files = globSync('**', { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  const bytes = files.reduce((sum, file) => sum + lstatSync(file).size, 0)
  const [synopsis = '', ...more] = values.description.split('\n')
  const fields = {
    Package: values.name,
    Version: values.version,
    Architecture: values.architecture,
    Maintainer: values.maintainer,
    'Installed-Size': String(Math.ceil(bytes / 1024)),
    Depends: values.depends.join(', '),
    Recommends: values['deb-recommends'].join(', '),
    Section: values.category,
    Priority: values['deb-priority'],
    Homepage: values.url,
    Description: [synopsis, ...more.map((line) => ` ${line.trim() || '.'}`)].join('\n'),
  }
  const lines = Object.entries(fields).flatMap(([name, value]) => (value === '' ? [] : [`${name}: ${value}\n`]))
  const control = join(root, 'DEBIAN')
  mkdirSync(control)
  writeFileSync(join(control, 'control'), lines.join(''))
  const sums = files.map(
    (file) => `${createHash('md5').update(readFileSync(file)).digest('hex')}  ${file.slice(root.length + 1)}\n`,
  )
  writeFileSync(join(control, 'md5sums'), sums.join(''))
  for (const [name, script] of Object.entries({ postinst: values['after-install'], postrm: values['after-remove'] })) {
    cpSync(script, join(control, name))
    chmodSync(join(control, name), 0o755)
  }
  chmodSync(root, 0o755)
}
