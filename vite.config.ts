import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** Builds the editor's page into `dist/editor`, which `serve` and the window show. */
export default defineConfig({
  root: 'src-renderer',
  base: '/',
  plugins: [react()],
  build: {
    outDir: '../dist/editor',
    emptyOutDir: true,
    target: 'es2024',
    chunkSizeWarningLimit: 2000,
    license: { fileName: 'THIRD-PARTY-NOTICES.md' },
  },
})
