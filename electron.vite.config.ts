import { defineConfig } from 'electron-vite'

/** Builds command line, engine process and desktop shell into `dist/main`; the page is built by `vite.config.ts`. */
export default defineConfig({
  main: {
    build: {
      outDir: 'dist/main',
      target: 'node24',
      // beside the dependencies: it is shipped below dist/node_modules
      externalizeDeps: { include: ['onnxruntime-node'] },
      rollupOptions: {
        input: {
          'command-line': 'src-main/cli/main.ts',
          'engine-process': 'src-main/host/engine-process.ts',
          'header-thread': 'src-main/server/library/header-thread.ts',
          engine: 'src-main/engine/create-engine.ts',
          desktop: 'src-main/desktop/main.ts',
        },
        output: { format: 'es' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'dist/main',
      emptyOutDir: false,
      rollupOptions: {
        input: { preload: 'src-main/desktop/preload.ts' },
        // a sandboxed preload is one CommonJS file
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
})
