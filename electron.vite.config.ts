import { defineConfig } from 'electron-vite'

/** Builds the command line and the engine process into `dist/main`, for installations whose Node may not strip types. */
export default defineConfig({
  main: {
    build: {
      outDir: 'dist/main',
      target: 'node24',
      rollupOptions: {
        input: {
          'command-line': 'src-main/cli/main.ts',
          'engine-process': 'src-main/host/engine-process.ts',
          engine: 'src-main/engine/create-engine.ts',
        },
        output: { format: 'es' },
      },
    },
  },
})
