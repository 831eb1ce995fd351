import { globSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import SlowFirst from './test/slow-first.ts'

const tests = globSync('{src-core,src-main,src-renderer,nodes,test}/**/*.test.{ts,tsx}', { cwd: import.meta.dirname })
/** These replace modules that other files have loaded by then, so each gets a process of its own. */
const mocking = tests.filter((file) => readFileSync(`${import.meta.dirname}/${file}`, 'utf8').includes('vi.mock('))

const cores = availableParallelism()

/** Tests of what is shown are larger, so they begin when the others are done, and browsers and windows share the cores. */
const shown = { maxWorkers: cores + 1, sequence: { groupOrder: 1 } }

export default defineConfig({
  test: {
    reporters: ['default', './test/plain-summary.ts'],
    globalSetup: ['test/temporary.ts'],
    // against what never ends: a busy machine takes its time
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // half of the time a test waits for a process
    maxWorkers: cores * 2,
    sequence: { sequencer: SlowFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: ['{src-core,src-main,src-renderer,nodes,test}/**/*.test.{ts,tsx}'],
          exclude: ['test/{browser,desktop,packed}/**', ...mocking],
          // what a file loads serves the next one too: half of the time went into loading
          isolate: false,
        },
      },
      {
        extends: true,
        test: { name: 'mocking', include: mocking },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: ['test/browser/build.ts'],
          // a browser and an engine each, for all files in turn
          isolate: false,
          ...shown,
          testTimeout: 600_000,
          hookTimeout: 300_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'desktop',
          include: ['test/desktop/**/*.test.ts'],
          globalSetup: ['test/desktop/setup.ts'],
          isolate: false,
          ...shown,
        },
      },
    ],
  },
})
