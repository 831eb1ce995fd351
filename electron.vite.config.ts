import { defineConfig } from 'electron-vite'

/** Packed, the window is these two files in an archive: without Node's modules beside it, all of them are bundled. */
const bundled = { externalizeDeps: false, outDir: 'dist/window' } as const
// CommonJS, which every Electron takes as its main script, and a sandboxed preload has to be
const output = { format: 'cjs', entryFileNames: '[name].cjs' } as const

/** Builds what runs in Electron into `dist/window`. `vite.program.config.ts` builds what runs in Node. */
export default defineConfig({
  main: {
    build: {
      ...bundled,
      target: 'node24',
      license: { fileName: 'THIRD-PARTY-NOTICES.md' },
      rollupOptions: { input: { main: 'src-main/desktop/main.ts' }, output },
    },
  },
  preload: {
    build: {
      ...bundled,
      emptyOutDir: false,
      rollupOptions: { input: { preload: 'src-main/desktop/preload.ts' }, output },
    },
  },
})
