import { expect, test } from 'vitest'
import { breaches } from '../scripts/walls.ts'

test.each([
  ['src-core/workflow/a.ts', '#nodes/catalogue.ts'],
  ['src-core/workflow/a.ts', 'node:fs'],
  ['nodes/image/a.ts', '#engine/engine.ts'],
  ['src-main/engine/a.ts', '../server/server.ts'],
  ['src-main/engine/a.ts', '#test/parity/goldens.ts'],
  ['src-main/engine/onnx/a.ts', '../models/unet.ts'],
  ['src-main/engine/tensor/a.ts', '../images/decode.ts'],
  ['src-main/engine/runtime/a.ts', '../steps/context.ts'],
  ['src-main/engine/preview/a.ts', '../steps/context.ts'],
  ['src-main/host/a.ts', '#engine/create-engine.ts'],
  ['src-main/cli/a.ts', 'electron'],
  ['src-renderer/run/a.ts', '#main/program.ts'],
  ['src-renderer/store/a.ts', '../commands/nodes.ts'],
  ['src-renderer/canvas/links/a.tsx', '../nodes/port.tsx'],
  ['src-renderer/panels/files/a.tsx', '../form/form-panel.tsx'],
  ['src-renderer/fields/a.tsx', '@xyflow/react'],
  ['src-main/anew/a.ts', '#core/errors.ts'],
  ['src-main/server/a.ts', '#core/workflow/parse.ts'],
  ['src-renderer/workspace/a.ts', '#core/workflow/migrate.ts'],
])('%s must not import %s', (path, name) => {
  expect(breaches(path, `import { a } from '${name}'\n`)).toHaveLength(1)
  expect(breaches(path, `const a = await import('${name}')\n`)).toHaveLength(1)
})

test.each([
  ['src-core/workflow/a.ts', '../errors.ts'],
  ['src-main/host/a.ts', '#engine/engine.ts'],
  ['src-main/engine/models/a.ts', '../onnx/graph.ts'],
  ['src-core/workflow/a.ts', './parse.ts'],
  ['src-main/server/a.ts', '#core/workflow/read.ts'],
  ['src-renderer/canvas/links/a.tsx', '@xyflow/react'],
  ['src-renderer/canvas/nodes/a.tsx', '../links/connection-store.ts'],
  ['src-renderer/shell/a.tsx', '../panels/form/form-panel.tsx'],
  ['src-renderer/store/a.test.ts', '../commands/nodes.ts'],
])('%s may import %s', (path, name) => {
  expect(breaches(path, `import { a } from '${name}'\n`)).toEqual([])
})
