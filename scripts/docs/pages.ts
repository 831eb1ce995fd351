import type { z } from 'zod'
import { type ErrorCode, errorCodes } from '#core/errors.ts'
import { job, picture } from '#core/protocol/jobs.ts'
import { errorData } from '#core/protocol/messages.ts'
import { byteRoutes, routes } from '#core/protocol/routes.ts'
import { describe } from '#core/types/describe.ts'
import type { InputPort, NodeType, Port } from '#core/workflow/node-type.ts'
import { catalogue } from '#nodes/catalogue.ts'
import { type ListedAction, listActions } from './editor-actions.ts'
import { type NamedShapes, shapeOf } from './shape.ts'

const origin = '<!-- Made by `npm run docs`; what is edited here is lost. -->'

function nodesPage(nodes: readonly NodeType[]): string {
  const contents = [...Map.groupBy(nodes, ({ category }) => category)].map(
    ([category, members]) => `- ${category}: ${members.map(({ title }) => `[${title}](#${anchor(title)})`).join(', ')}`,
  )
  return page('Nodes', [
    'Every node of this version. The names in code type are those that a [workflow document](workflow-format.md) and',
    '`--set node.input=value` use; `latent-loom nodes TYPE` prints the same. Every input that holds a value also takes a link.',
    'Advanced inputs are those that are seldom changed.',
    '',
    ...contents,
    ...nodes.flatMap(nodeSection),
  ])
}

function nodeSection({ type, version, title, description, docs, inputs, outputs, effect }: NodeType): string[] {
  return [
    '',
    `## ${title}`,
    '',
    `\`${type}\`, version ${version}${effect ? '. A run is for its sake: what it needs is run, nothing else' : ''}.`,
    '',
    `**${description}**`,
    '',
    ...(docs === undefined ? [] : [docs.trim(), '']),
    ...table(
      ['Input', 'Takes', 'If not set', 'What it is'],
      Object.entries(inputs).map(([name, port]) => [nameOf(name, port), takes(port), preset(port), told(port)]),
    ),
    ...(Object.keys(outputs).length === 0 ? [] : ['']),
    ...table(
      ['Output', 'Gives', 'What it is'],
      Object.entries(outputs).map(([name, port]) => [nameOf(name, port), describe(port.type), port.description]),
    ),
  ]
}

function nameOf(name: string, { label }: Port): string {
  return `${label} \`${name}\``
}

function takes({ type, titles = {} }: InputPort): string {
  if (type.kind !== 'choice') return describe(type)
  return `one of ${type.options.map((option) => `\`${option}\` (${titles[option] ?? option})`).join(', ')}`
}

function preset({ default: value, optional, type }: InputPort): string {
  if (value !== undefined) return value === '' ? 'empty' : `\`${value}\``
  if (optional) return 'may stay open'
  return type.kind === 'file' ? 'has to be chosen' : 'has to be linked'
}

function told({ advanced, description }: InputPort): string {
  return `${advanced ? 'Advanced. ' : ''}${description}`
}

function errorsPage(codes: Readonly<Record<ErrorCode, string>>): string {
  return page('Errors', [
    'Every error has a code, a sentence that says what happened to what, and mostly a hint that says what to do. A person reads the',
    'sentence; a program reads the code, in the JSON of [`--json`](command-line.md#events). Codes stay; sentences may change.',
    '',
    ...table(
      ['Code', 'Meaning'],
      Object.entries(codes).map(([code, meaning]) => [`\`${code}\``, meaning]),
    ),
    '',
    'Which exit code they end a command with is told in [Exit codes](command-line.md#exit-codes).',
  ])
}

function shortcutsPage(actions: readonly ListedAction[]): string {
  return page('Keyboard shortcuts', [
    'Every action of [the editor](editor.md), as the command palette (Ctrl+K) lists them. On a Mac, Ctrl is Command. They can be changed',
    'in Help, Keyboard shortcuts. What keys do inside a field, a list or a picture is told where [the guide](editor.md) tells of it.',
    ...[...Map.groupBy(actions, ({ group }) => group)].flatMap(([group, members]) => [
      '',
      `## ${group.charAt(0).toUpperCase()}${group.slice(1)}`,
      '',
      ...table(
        ['Action', 'Keys'],
        members.map(({ label, keys }) => [label, keys.map((key) => `\`${key}\``).join(' or ')]),
      ),
    ]),
  ])
}

/** Shapes that several routes share. */
const shapes: NamedShapes = { Code: errorData.shape.code, Error: errorData, Picture: picture, Job: job }

function routesPage(): string {
  const shape = (schema: z.ZodType, names = shapes): string => `\`${shapeOf(schema, names)}\``
  return page('Routes of the server', [
    'The REST interface of [`latent-loom serve`](server.md). Bodies and answers are JSON; `?` marks what may be left out, brackets a list.',
    'An error is answered as `{ error: Error }` with a status of 4xx or 5xx. What a field means is told in `src-core/protocol/routes.ts`.',
    'The interface belongs to the editor of the same version and may change with the next.',
    ...Object.entries(routes).flatMap(([name, { method, path, body, result }]) => [
      '',
      `## ${name}`,
      '',
      `\`${method} ${path}\``,
      '',
      `- takes ${shape(body)}`,
      `- answers ${shape(result)}`,
    ]),
    '',
    '## Shapes',
    '',
    ...Object.entries(shapes).map(([name, schema]) => {
      const { [name]: _, ...others } = shapes
      return `- \`${name}\`: ${shape(schema, others)}`
    }),
    '',
    '## Bytes',
    '',
    'These carry pictures and events instead of JSON.',
    '',
    ...Object.entries(byteRoutes).map(
      ([name, route]) => `- ${name}: \`${typeof route === 'string' ? route : pathOf(route)}\``,
    ),
  ])
}

const pathOf = (route: (id: string) => string): string => decodeURIComponent(route(':id'))

function page(title: string, lines: readonly string[]): string {
  return [`# ${title}`, '', origin, '', ...lines, ''].join('\n')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return []
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(cell).join(' | ')} |`)
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

/** The anchor that GitHub makes of a heading. */
export function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-')
}

/** The pages of `docs/` that are made from the program itself, by their file names. */
export const pages: ReadonlyMap<string, string> = new Map([
  ['nodes.md', nodesPage([...catalogue.values()])],
  ['errors.md', errorsPage(errorCodes)],
  ['shortcuts.md', shortcutsPage(await listActions())],
  ['routes.md', routesPage()],
])
