import { relative } from 'node:path'
import type { Reporter, TestModule } from 'vitest/node'

/** Ends a run with its slowest files and tests, then with one line that every CI reads: `N passed, N failed, N skipped`. */
export default class PlainSummary implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 }
    const tests: Timed[] = []
    for (const module of modules) {
      // a module that could not be loaded has no tests to fail
      if (module.errors().length > 0) count.failed += 1
      for (const test of module.children.allTests()) {
        count[test.result().state] += 1
        tests.push({ name: `${fileOf(module)} > ${test.fullName}`, milliseconds: test.diagnostic()?.duration ?? 0 })
      }
    }
    const files = modules.map((module) => ({ name: fileOf(module), milliseconds: module.diagnostic().duration }))
    process.stdout.write(`\n${slowest('files', files)}\n${slowest('tests', tests)}\n`)
    process.stdout.write(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`)
  }
}

interface Timed {
  readonly name: string
  readonly milliseconds: number
}

const fileOf = ({ moduleId }: TestModule): string => relative(process.cwd(), moduleId)

/** The ten of `what` that took longest, one a line. */
function slowest(what: string, timed: readonly Timed[]): string {
  const lines = timed
    .filter(({ milliseconds }) => milliseconds > 0)
    .toSorted((a, b) => b.milliseconds - a.milliseconds)
    .slice(0, 10)
    .map(({ name, milliseconds }) => `${(milliseconds / 1000).toFixed(1).padStart(7)} s  ${name}\n`)
  return `The slowest ${what}:\n${lines.join('')}`
}
