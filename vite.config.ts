import { defineConfig } from 'vite'

export default defineConfig({
  root: 'src/dashboard',
  // No inlined assets: the page's content security policy allows none.
  build: { outDir: '../../dist/dashboard', emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // `npx vite` beside `ventral serve`: the page reloads as it is edited, the API is the server's.
  server: { proxy: Object.fromEntries(['/fits', '/datasets', '/backbones', '/encoders', '/predict'].map((path) => [path, 'http://127.0.0.1:8080'])) },
})
