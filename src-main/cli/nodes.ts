import { describe } from '#core/types/describe.ts'
import type { InputPort, NodeType } from '#core/workflow/node-type.ts'
import { catalogue } from '#nodes/catalogue.ts'
import { unknown } from './arguments.ts'
import { defineCommand, exitCode } from './command.ts'
import { printJson, printResult } from './output.ts'

export const nodes = defineCommand({
  summary: 'List the nodes, or describe one',
  operands: ['[TYPE]'],
  flags: { json: { kind: 'switch', help: 'Print JSON' } },
  async execute({ values, operands: [type] }) {
    const named = type === undefined ? undefined : catalogue.get(type)
    if (type !== undefined && !named) throw unknown('node', type, [...catalogue.keys()])
    if (values.json) printJson(named ?? [...catalogue.values()])
    else for (const line of named ? description(named) : list()) printResult(line)
    return exitCode.done
  },
})

function list(): string[] {
  const width = Math.max(...[...catalogue.keys()].map((type) => type.length))
  const categories = Map.groupBy(catalogue.values(), ({ category }) => category)
  return [...categories].flatMap(([category, members]) => [
    category,
    ...members.map(({ type, description }) => `  ${type.padEnd(width)}  ${description}`),
  ])
}

function description(node: NodeType): string[] {
  return [
    `${node.title} (${node.type}, ${node.category})`,
    node.description,
    ...(node.docs === undefined ? [] : ['', node.docs.trim()]),
    ...section(
      'Inputs',
      Object.entries(node.inputs).map(
        ([name, port]) => `${name}: ${describe(port.type)}${remark(port)}. ${port.description}`,
      ),
    ),
    ...section(
      'Outputs',
      Object.entries(node.outputs).map(([name, port]) => `${name}: ${describe(port.type)}. ${port.description}`),
    ),
  ]
}

function remark({ default: preset, optional }: InputPort): string {
  if (preset !== undefined) return `, ${preset === '' ? 'empty' : preset} if not given`
  return optional ? ', may be left open' : ''
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line.trimEnd()}`)]
}
