import { defineConfig } from 'vite'

/** Builds what runs in Node into `dist/main`: command line, server and engine. */
export default defineConfig({
  build: {
    ssr: true,
    outDir: 'dist/main',
    target: 'node24',
    rolldownOptions: {
      input: {
        'command-line': 'src-main/cli/main.ts',
        'engine-process': 'src-main/host/engine-process.ts',
        'header-thread': 'src-main/server/library/header-thread.ts',
        engine: 'src-main/engine/create-engine.ts',
      },
    },
  },
})
