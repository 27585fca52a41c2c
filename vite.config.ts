import { defineConfig } from 'vite'

const api = ['fit', 'fits', 'datasets', 'backbones', 'encoders', 'predict', 'docs']

export default defineConfig({
  root: 'src/dashboard',
  // Nothing inlined: the page's content security policy allows no inline script or style. Browsers of 2024 and later.
  build: { outDir: '../../dist/dashboard', emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false }, target: 'es2023', cssTarget: ['chrome123', 'firefox120', 'safari17.5'] },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // `npx vite` beside `ventral serve`: the page reloads as it is edited, the API is the server's.
  server: { proxy: Object.fromEntries(api.map((path) => [`/${path}`, 'http://127.0.0.1:8080'])) },
})
