import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{src-core,src-main,src-renderer,nodes,test}/**/*.test.{ts,tsx}'],
    reporters: ['default', './test/plain-summary.ts'],
    testTimeout: 60_000,
  },
})
