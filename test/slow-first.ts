import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What takes longest alone, so that it does not begin when all else has ended. */
const slow = [
  'test/cli/packed.test.ts',
  'test/parity/lora.test.ts',
  'test/cli/command-line.test.ts',
  'test/cli/real-engine.test.ts',
  'test/parity/device-recipes.test.ts',
  'test/parity/pipelines.test.ts',
  'test/host/supervisor.test.ts',
  'test/parity/webgpu.test.ts',
  'test/browser/templates.test.ts',
  'test/browser/accessibility.test.ts',
  'test/browser/screenshots.test.ts',
]

/** Runs slow files first. Vitest would go by the size of the files where no earlier run has measured them. */
export default class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const projects = [...new Set(sorted.map(({ project }) => project))]
    return sorted.toSorted((a, b) => projects.indexOf(a.project) - projects.indexOf(b.project) || rankOf(a) - rankOf(b))
  }
}

function rankOf({ project, moduleId }: TestSpecification): number {
  const index = slow.indexOf(relative(project.config.root, moduleId).replaceAll('\\', '/'))
  return index < 0 ? slow.length : index
}
