import fs from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { errorFromPlain, VentralError } from '../../domain/errors.ts'
import type { ProblemCode, ProblemDetail } from '../../domain/errors.ts'
import type { ModelSettings } from '../../domain/given-model.ts'
import { guardSandboxed, spawnSandboxed } from '../../numerics/sandbox.ts'
import type { ModelManifest } from './manifest.ts'

export interface InspectQuestion {
  where: string
  settings: ModelSettings
  threads: number
}

export type InspectAnswer = { manifest: ModelManifest } | { error: { code: ProblemCode; message: string; errors: ProblemDetail[] } }

/** Largest file that is read. */
export const MAX_MODEL_BYTES = 2 ** 30
/** Largest answer: the model without its weights. */
const MAX_ANSWER_BYTES = 128e6
/** KiB of written memory besides the file's copies: Node, the runtime, and the values of an image. */
const WORK_KIB = 4_500_000
/** The file, its weights as they are encoded for the runtime, and the runtime's own. */
const COPIES = 5
/** Address space that is reserved and not written: over 10 GB where Node strips types, by WebAssembly. */
const RESERVED_KIB = 24_000_000

const own = path.extname(fileURLToPath(import.meta.url)) // .ts from a checkout, .js when built
const source = fileURLToPath(new URL('../../', import.meta.url))

/** The files of the code that the child runs: our own, and the packages', which Node looks for in every folder above and opens by their real paths. */
const readable = (): string[] => {
  const require = createRequire(import.meta.url)
  const packages = ['onnxruntime-node', 'protobufjs/light.js'].map((name) => require.resolve(name).split(`${path.sep}node_modules${path.sep}`)[0])
  const folders = new Set([...require.resolve.paths('onnxruntime-node')!, ...packages.map((folder) => path.join(folder, 'node_modules'))])
  return [path.join(source, '*'), path.join(source, '..', 'package.json'), ...[...folders].map((folder) => path.join(folder, '*'))]
}

const collect = async (output: AsyncIterable<Buffer>): Promise<string | null> => {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of output) {
    bytes += chunk.length
    if (bytes > MAX_ANSWER_BYTES) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

const parse = (text: string | null): InspectAnswer | null => {
  try {
    return text === null ? null : (JSON.parse(text) as InspectAnswer)
  } catch {
    return null // it was ended within its answer
  }
}

/**
 * Judges a user's ONNX file in a sandboxed process of its own, where it is read and run once: the layer graph that it makes, without the
 * weights. VentralErrors: unsupported-format, damaged-file, invalid-value, body-too-large, does-not-fit (time or memory).
 *
 * @param where how errors name the file
 */
export const inspectModel = async (
  file: string, { where, settings, threads }: InspectQuestion, { timeoutMs = 300_000, signal }: { timeoutMs?: number; signal?: AbortSignal } = {},
): Promise<ModelManifest> => {
  const handle = await fs.open(file)
  try {
    const { size } = await handle.stat()
    if (size > MAX_MODEL_BYTES)
      throw new VentralError('body-too-large', `${where} has ${(size / 1e9).toFixed(1)} GB; models up to ${(MAX_MODEL_BYTES / 1e9).toFixed(1)} GB are read. Export the part up to the deepest layer of interest.`)
    const data = WORK_KIB + (COPIES * size) / 1024
    const question = JSON.stringify({ where, settings, threads } satisfies InspectQuestion)
    const child = spawnSandboxed({
      script: fileURLToPath(new URL(`./child${own}`, import.meta.url)), args: [question], readable: readable(), descriptor: handle.fd, addons: true, memory: { address: RESERVED_KIB + data, data },
    }) // prettier-ignore
    const guard = guardSandboxed(child, timeoutMs, signal)
    const answer = await collect(child.stdout as AsyncIterable<Buffer>).then(parse).finally(guard.end)
    signal?.throwIfAborted()
    if (answer === null) {
      const why = guard.late() ? `took over ${timeoutMs / 1000} s` : 'ended its process, by its need of memory or by a fault in the runtime'
      throw new VentralError('does-not-fit', `${where} was tried on two images and ${why}. Export a smaller part of it, or state a smaller input size.`, [{ pointer: where, expected: 'a model that runs', found: why }])
    }
    if ('error' in answer) throw errorFromPlain(answer.error)
    return answer.manifest
  } finally {
    await handle.close()
  }
}
