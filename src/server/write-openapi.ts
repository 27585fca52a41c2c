import fs from 'node:fs'
import path from 'node:path'
import { buildApp } from './app.ts'
import { openApiYaml } from './plugins/openapi.ts'
import type { Services } from './services.ts'

// Routes touch their services only when they are called, and here none is.
const app = buildApp({} as Services, { host: '127.0.0.1', port: 0, apiKey: null })
await app.ready()
const file = path.resolve(import.meta.dirname, '../../openapi.yaml')
const text = `# Generated from the routes by \`npm run openapi\`.\n${openApiYaml(app)}`
await app.close()

if (!process.argv.includes('--check')) fs.writeFileSync(file, text)
else if (!fs.existsSync(file) || fs.readFileSync(file, 'utf8') !== text) {
  process.stderr.write('openapi.yaml is not what the routes say. Run `npm run openapi` and commit it.\n')
  process.exitCode = 1
}
