import {
  constantOf,
  type InputValue,
  isLink,
  isOuter,
  own,
  type Subgraph,
  type Workflow,
} from '#core/workflow/document.ts'
import type { Command } from '../store/command.ts'
import { nodeAt } from '../store/graph.ts'
import { t } from '../strings/t.ts'
import { dropOutput, inGraph, instancesOf } from './edit.ts'
import { inputLabel, outputLabel, uniqueName } from './names.ts'

/** Exposes an inner input as an input of the subgraph. Its constant becomes the default, so results do not change. */
export function exposeInput(workflow: Workflow, subgraph: string, node: string, input: string): Command {
  const definition = own(workflow.subgraphs ?? {}, subgraph)
  const target = nodeAt(workflow, subgraph, node)
  const value = target && own(target.inputs, input)
  const label = inputLabel(workflow, target, input)
  const name = uniqueName(input, (taken) => Object.hasOwn(definition?.inputs ?? {}, taken))
  const held = value === undefined || isLink(value) || isOuter(value) ? undefined : value
  const control = own(target?.after ?? {}, input)
  const instances = [...instancesOf(workflow, subgraph)]
  return {
    label: t('commands.exposeInput', { field: label }),
    apply: (draft) => {
      const { inputs, nodes } = own(draft.subgraphs ?? {}, subgraph) ?? {}
      const inner = nodes && own(nodes, node)
      if (!inputs || !inner || (value !== undefined && isOuter(value))) return
      inputs[name] = { label, ...(held !== undefined && { default: held }) }
      inner.inputs[input] = { input: name }
      if (control === undefined) return
      delete inner.after?.[input]
      for (const { level, id } of instances) {
        inGraph(level, (graph) => {
          const instance = own(graph.nodes, id)
          if (instance) instance.after = { ...instance.after, [name]: control }
        })(draft)
      }
    },
  }
}

/** Removes an input of a subgraph. The inner input gets the value that all instances share, or else the default. */
export function hideInput(workflow: Workflow, subgraph: string, name: string): Command {
  const definition = own(workflow.subgraphs ?? {}, subgraph)
  const port = definition && own(definition.inputs, name)
  const instances = [...instancesOf(workflow, subgraph)]
  const inside = heldByAll(instances.map(({ node }) => own(node.inputs, name))) ?? port?.default
  const control = instances.map(({ node }) => own(node.after ?? {}, name)).find((after) => after !== undefined)
  return {
    label: t('commands.hideInput', { field: port?.label ?? name }),
    apply: (draft) => {
      const target = own(draft.subgraphs ?? {}, subgraph)
      if (!definition || !target) return
      delete target.inputs[name]
      for (const [id, input] of fedBy(definition, name)) {
        const inner = own(target.nodes, id)
        if (!inner) continue
        if (inside === undefined) delete inner.inputs[input]
        else inner.inputs[input] = inside
        if (control !== undefined) inner.after = { ...inner.after, [input]: control }
      }
      for (const { level, id } of instances) {
        inGraph(level, (graph) => {
          const instance = own(graph.nodes, id)
          delete instance?.inputs[name]
          delete instance?.after?.[name]
        })(draft)
      }
      const ids = new Set(instances.filter(({ level }) => level === undefined).map(({ id }) => id))
      if (draft.form?.some(({ input }) => ids.has(input[0]) && input[1] === name)) {
        draft.form = draft.form.filter(({ input }) => !(ids.has(input[0]) && input[1] === name))
      }
    },
  }
}

/** The constant that all instances share. */
function heldByAll(values: readonly (InputValue | undefined)[]): Subgraph['inputs'][string]['default'] {
  const [first] = values
  if (first === undefined || isLink(first) || isOuter(first)) return undefined
  const text = JSON.stringify(constantOf(first))
  const isSame = (value: InputValue | undefined): boolean =>
    value !== undefined && !isLink(value) && !isOuter(value) && JSON.stringify(constantOf(value)) === text
  return values.every(isSame) ? first : undefined
}

/** The inner inputs that an input of the subgraph feeds. */
export const fedBy = ({ nodes }: Subgraph, name: string): (readonly [string, string])[] =>
  Object.entries(nodes).flatMap(([id, { inputs }]) =>
    Object.entries(inputs).flatMap(([input, value]) =>
      isOuter(value) && value.input === name ? [[id, input] as const] : [],
    ),
  )

/** Exposes an inner output as an output of the subgraph. */
export function exposeOutput(workflow: Workflow, subgraph: string, node: string, output: string): Command {
  const definition = own(workflow.subgraphs ?? {}, subgraph)
  const label = outputLabel(workflow, nodeAt(workflow, subgraph, node), output)
  const outputs = definition?.outputs ?? {}
  const isThere = Object.values(outputs).some(({ link }) => link[0] === node && link[1] === output)
  const name = uniqueName(output, (taken) => Object.hasOwn(outputs, taken))
  return {
    label: t('commands.exposeInput', { field: label }),
    apply: (draft) => {
      const target = own(draft.subgraphs ?? {}, subgraph)
      if (target && !isThere) target.outputs[name] = { label, link: [node, output] }
    },
  }
}

/** Removes an output of a subgraph and the links from it. */
export function hideOutput(workflow: Workflow, subgraph: string, name: string): Command {
  const port = own(own(workflow.subgraphs ?? {}, subgraph)?.outputs ?? {}, name)
  return { label: t('commands.hideInput', { field: port?.label ?? name }), apply: dropOutput(workflow, subgraph, name) }
}

export function renameSubgraph(_workflow: Workflow, subgraph: string, name: string): Command {
  const wanted = name.trim()
  return {
    label: t('commands.renameSubgraph'),
    apply: (draft) => {
      const target = own(draft.subgraphs ?? {}, subgraph)
      if (!target) return
      if (wanted === '') delete target.name
      else target.name = wanted
    },
  }
}

/** Changes the label of a port. Its name stays, because links and values refer to it. */
export function renameSubgraphPort(
  workflow: Workflow,
  subgraph: string,
  side: 'inputs' | 'outputs',
  name: string,
  label: string,
): Command {
  const port = own(own(workflow.subgraphs ?? {}, subgraph)?.[side] ?? {}, name)
  const wanted = label.trim()
  return {
    label: t('commands.renamePort', { field: port?.label ?? name }),
    apply: (draft) => {
      const target = own(own(draft.subgraphs ?? {}, subgraph)?.[side] ?? {}, name)
      if (!target) return
      if (wanted === '') delete target.label
      else target.label = wanted
    },
  }
}
