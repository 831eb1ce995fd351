import { defineConfig } from 'vitest/config'

/** Packs the program and tests what came of it; `npm run test:dist`. Minutes, so `npm test` leaves it out. */
export default defineConfig({
  test: {
    globalSetup: ['test/temporary.ts', 'test/packed/setup.ts'],
    include: ['test/packed/**/*.test.ts', 'test/desktop/headless.test.ts'],
    testTimeout: 600_000,
    hookTimeout: 1_800_000,
    maxWorkers: 1,
    isolate: false,
  },
})
