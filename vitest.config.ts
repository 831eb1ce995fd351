import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{src-core,src-main,nodes,test}/**/*.test.ts'],
    reporters: ['default', './test/plain-summary.ts'],
    testTimeout: 60_000,
  },
})
