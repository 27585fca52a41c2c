// Copies to dist what the compiler leaves behind: WebAssembly with its licence, the database's migrations, and the script of a bundle.
import fs from 'node:fs'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')
const wanted = /\.(wasm|sql|lapack|py)$/

for (const entry of fs.readdirSync(path.join(root, 'src'), { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !wanted.test(entry.name)) continue
  const file = path.relative(root, path.join(entry.parentPath, entry.name))
  fs.mkdirSync(path.join(root, 'dist', path.dirname(file)), { recursive: true })
  fs.copyFileSync(path.join(root, file), path.join(root, 'dist', file))
}
