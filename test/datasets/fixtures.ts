import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import yazl from 'yazl'
import type { Test } from 'tap'
import { VentralError } from '../../src/domain/errors.ts'
import type { ProblemCode } from '../../src/domain/errors.ts'
import { sourceFile } from '../../src/datasets/source-file.ts'
import type { SourceFile } from '../../src/datasets/source-file.ts'

/** A folder that is removed after the test. */
export const workFolder = (t: Test): string => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ventral-datasets-'))
  t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }))
  return folder
}

export const writeFile = (folder: string, name: string, content: string | Uint8Array): SourceFile => {
  const file = path.join(folder, name)
  fs.writeFileSync(file, content)
  return sourceFile(file)
}

/** Bytes with a PNG's signature: an image as far as the readers of archives look. */
export const pngLike = (text: string): Buffer => Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.from(text)])

export const zipBytes = async (entries: readonly (readonly [name: string, bytes: Uint8Array])[], options: Partial<yazl.Options> = {}): Promise<Buffer> => {
  const zip = new yazl.ZipFile()
  for (const [name, bytes] of entries) zip.addBuffer(Buffer.from(bytes), name, { mtime: new Date(2020, 0, 1), ...options })
  zip.end()
  return buffer(zip.outputStream)
}

/** A zip in which each name is its image's content. */
export const imageZip = async (folder: string, names: readonly string[], file = 'stimuli.zip'): Promise<SourceFile> =>
  writeFile(folder, file, await zipBytes(names.map((name) => [name, pngLike(name)])))

/** Replaces bytes of a file's image, all occurrences, same length: how tests make what the writers refuse to write. */
export const patched = (bytes: Buffer, from: string, to: string): Buffer => {
  const [a, b] = [Buffer.from(from, 'latin1'), Buffer.from(to, 'latin1')]
  if (a.length !== b.length || !bytes.includes(a)) throw new Error('a patch must keep the length and find its place')
  const copy = Buffer.from(bytes)
  for (let at = copy.indexOf(a); at >= 0; at = copy.indexOf(a, at + 1)) b.copy(copy, at)
  return copy
}

/** Asserts that work fails with a VentralError of the code, whose text holds every given part. */
export const refuses = async (t: Test, work: () => unknown, code: ProblemCode, ...parts: (string | RegExp)[]): Promise<void> => {
  const error: unknown = await Promise.resolve()
    .then(work)
    .then(
      () => undefined,
      (e: unknown) => e,
    )
  if (!(error instanceof VentralError)) {
    t.fail(`expected ${code}`, { found: error instanceof Error ? error.stack : error })
    return
  }
  t.equal(error.code, code, error.message)
  const text = [error.message, ...error.errors.flatMap(({ pointer, expected, found }) => [pointer, expected, found])].join('\n')
  for (const part of parts) t.ok(typeof part === 'string' ? text.includes(part) : part.test(text), `${code} tells ${String(part)}`, { text })
}
