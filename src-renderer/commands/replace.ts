import { LoomError } from '#core/errors.ts'
import type { Type } from '#core/types/types.ts'
import { readConstant } from '#core/workflow/constant.ts'
import {
  constantOf,
  type InputValue,
  isLink,
  isOuter,
  own,
  type Workflow,
  type WorkflowNode,
} from '#core/workflow/document.ts'
import type { Command } from '../store/command.ts'
import { type Level, nodeAt } from '../store/graph.ts'
import { signatureIn } from '../store/signatures.ts'
import { t } from '../strings/t.ts'
import { inGraph, keepFields, redirect } from './edit.ts'
import { bestInput, bestOutput, fitOf } from './fit.ts'
import { titleOf } from './names.ts'
import { blankNode } from './nodes.ts'

/** Changes the type of a node. Keeps the links and values that fit, matching equal names first. */
export function replaceNode(workflow: Workflow, level: Level, id: string, type: string): Command {
  const old = nodeAt(workflow, level, id)
  const made = blankNode(type, old?.at ?? [0, 0])
  const before = old && signatureIn(workflow, old)
  const after = signatureIn(workflow, made)
  const label = t('commands.replaceNode', { title: old ? titleOf(workflow, old) : id, by: titleOf(workflow, made) })
  if (!old || !after || old.type === type) return { label, apply: () => undefined }

  const inputs: Record<string, InputValue> = {}
  const sourceType = (value: InputValue, input: string): Type => {
    const source = isLink(value) ? nodeAt(workflow, level, value.link[0]) : undefined
    const output =
      source && isLink(value) ? own(signatureIn(workflow, source)?.outputs ?? {}, value.link[1]) : undefined
    return output?.type ?? own(before?.inputs ?? {}, input)?.type ?? { kind: 'unknown' }
  }
  const homeless: [string, InputValue][] = []
  for (const [input, value] of Object.entries(old.inputs)) {
    const port = own(after.inputs, input)
    if (isLink(value) || isOuter(value)) {
      if (port && fitOf(sourceType(value, input), port.type) > 0) inputs[input] = value
      else homeless.push([input, value])
    } else if (port && holds(port.type, value)) inputs[input] = value
  }
  for (const [input, value] of homeless) {
    const home = bestInput(sourceType(value, input), after.inputs, inputs)
    if (home !== undefined && own(inputs, home) === undefined) inputs[home] = value
  }
  const relink = redirect(workflow, level, (link) => {
    if (link.link[0] !== id || Object.hasOwn(after.outputs, link.link[1])) return link
    const port = own(before?.outputs ?? {}, link.link[1])
    const output = port && bestOutput(after.outputs, port.type)
    return output === undefined ? undefined : { ...link, link: [id, output] }
  })
  const controls = Object.entries(old.after ?? {}).filter(([input]) => own(after.inputs, input)?.type.kind === 'seed')
  const { after: _, ...rest } = old
  const node: WorkflowNode = {
    ...rest,
    type,
    version: made.version,
    inputs,
    ...(controls.length > 0 && { after: Object.fromEntries(controls) }),
  }
  return {
    label,
    apply: (edited) => {
      relink(edited)
      keepFields(edited, level, ({ node, input }) => node !== id || Object.hasOwn(after.inputs, input))
      inGraph(level, ({ nodes }) => {
        // links of the node to itself are already updated
        const target = own(nodes, id)
        if (target) nodes[id] = node
      })(edited)
    },
  }
}

function holds(type: Type, value: Parameters<typeof constantOf>[0]): boolean {
  return !(readConstant(type, constantOf(value), '') instanceof LoomError)
}
