// Builds the page after `npm ci` in a checkout. An install without developer tools (`--omit=dev`) goes without it.
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '../..')
const vite = await import('vite').catch((error) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
  return null
})
if (vite !== null) await vite.build({ configFile: path.join(root, 'vite.config.ts'), root: path.join(root, 'src/dashboard'), logLevel: 'warn' })
