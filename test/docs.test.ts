import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runEvent } from '#core/protocol/messages.ts'
import { parseWorkflow } from '#core/workflow/parse.ts'
import { validate } from '#core/workflow/validate.ts'
import { commands } from '#main/cli/commands.ts'
import { commandHelp, programHelp } from '#main/cli/help.ts'
import { programFolder } from '#main/program.ts'
import { typed } from '#test/workflow/documents.ts'
import { growthPicture, peersPicture, tables } from '../bench/peers/report.ts'
import type { Results } from '../bench/peers/results.ts'
import { anchor, pages } from '../scripts/docs/pages.ts'
import { lineLimit, reflow } from '../scripts/docs/reflow.ts'

const docs = join(programFolder, 'docs')
const read = (path: string): string => readFileSync(path, 'utf8')

const texts = [
  ...['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'].map((name) => join(programFolder, name)),
  ...readdirSync(docs)
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(docs, name)),
]

const fenced = /^```(\w*)\n(.*?)^```$/gms

/** The text outside code. */
const prose = (text: string): string => text.replace(fenced, '').replace(/`[^`\n]*`/g, 'code')

/** Anchors of a text's headings. */
const anchors = (text: string): string[] =>
  Array.from(text.replace(fenced, '').matchAll(/^#+ (.*)$/gm), ([, heading = '']) => anchor(heading))

/** Targets of links and pictures that are not on another site. */
function localTargets(text: string): string[] {
  const markdown = Array.from(prose(text).matchAll(/\]\(([^)\s]+)\)/g), ([, target = '']) => target)
  const html = Array.from(prose(text).matchAll(/\b(?:src|href)="([^"]+)"/g), ([, target = '']) => target)
  return [...markdown, ...html].filter((target) => !/^[a-z]+:/.test(target))
}

it.each([...pages])('docs/%s is what npm run docs makes', (name, text) => {
  expect(read(join(docs, name))).toBe(text)
})

it.each(texts.map((path) => [relative(programFolder, path), path]))('%s links to what is there', (_, path) => {
  const broken = localTargets(read(path)).filter((link) => {
    const [file = '', heading] = link.split('#')
    const target = file === '' ? path : join(dirname(path), decodeURI(file))
    return !existsSync(target) || (heading !== undefined && !anchors(read(target)).includes(heading))
  })
  expect(broken).toEqual([])
})

it('reflow breaks prose between words, and keeps links, code and what a line must not begin with', () => {
  const [filler, link, code] = ['word '.repeat(22), '[a link](#a-link)', '`a b`']
  expect(reflow(`- ${filler}${link} ${code}`)).toBe(`- ${filler.trim()}\n  ${link} ${code}`)
  expect(reflow(`${filler}of guidance 1. More`)).toBe(`${filler}of\nguidance 1. More`)
  expect(reflow(`| ${filler}${filler}|\n\nshort\nlines`)).toBe(`| ${filler}${filler}|\n\nshort lines`)
})

/** A row of a table, and a single word or link, cannot be broken. */
const unbreakable = /^\||^\s*(?:- )?\S+$/

it.each(texts.map((path) => [relative(programFolder, path), path]))('%s keeps its lines short', (_, path) => {
  const lines = read(path).replace(fenced, '').split('\n')
  expect(lines.filter((line) => line.length > lineLimit && !unbreakable.test(line))).toEqual([])
})

const sitting = join(programFolder, 'bench', 'peers', 'results.json')

it.skipIf(!existsSync(sitting))(
  'docs/performance.md shows what was measured in one sitting, and so do its pictures',
  () => {
    const measured: Results = JSON.parse(read(sitting))
    expect(read(join(docs, 'performance.md'))).toContain(tables(measured))
    expect(read(join(docs, 'pictures', 'benchmark.svg'))).toBe(peersPicture(measured))
    if (measured.growth) {
      expect(read(join(docs, 'pictures', 'growth.svg'))).toBe(growthPicture(measured, measured.growth))
    }
  },
)

describe('docs/command-line.md', () => {
  const page = read(join(docs, 'command-line.md'))

  it('names every flag of --help', () => {
    const help = [programHelp(), ...Array.from(commands, ([name, command]) => commandHelp(name, command))].join('\n')
    const flags = new Set(help.match(/(?<![\w-])--[a-z][a-z-]*/g))
    expect(flags.size).toBeGreaterThan(10)
    expect([...flags].filter((flag) => !new RegExp(`${flag}(?![\\w-])`).test(page))).toEqual([])
  })

  it('shows every event that --json prints', () => {
    const printed = runEvent.options.map(({ shape }) => shape.type.value).filter((type) => type !== 'preview')
    const types = [...printed, 'done', 'error']
    expect(types.filter((type) => !page.includes(`{"type":"${type}"`))).toEqual([])
  })
})

describe('docs/workflow-format.md', () => {
  const examples = Array.from(read(join(docs, 'workflow-format.md')).matchAll(fenced), ([, tag, code = '']) => ({
    tag,
    code,
  })).filter(({ tag, code }) => tag === 'json' && code.includes('"format"'))

  it('has examples of whole documents', () => expect(examples.length).toBeGreaterThan(1))

  it.each(examples)('example %$ is a workflow without problems', ({ code }) => {
    expect(validate(typed(parseWorkflow(code)))).toEqual([])
  })
})
