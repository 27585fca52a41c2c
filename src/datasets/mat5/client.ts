import type { ChildProcess } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { errorFromPlain, problemCodes, VentralError } from '../../domain/errors.ts'
import type { ProblemCode, ProblemDetail } from '../../domain/errors.ts'
import { guardSandboxed, spawnSandboxed } from '../../numerics/sandbox.ts'
import { FrameError, frameKinds, frameReader } from '../hdf5/frames.ts'
import type { Frame } from '../hdf5/frames.ts'
import type { SourceFile } from '../source-file.ts'
import type { ValueFile } from '../value-file.ts'
import type { Mat5Limits } from './mat5.ts'

/** An array of a MAT-file: MATLAB's sides, of which the first varies fastest in the values. */
export interface Mat5Array {
  path: string
  dims: number[]
  className: string
}

/** The file is unpacked whole in the child's memory, since version 5 to 7 cannot be read in parts. */
export const maxMat5Bytes = 300e6
const limits: Mat5Limits = { totalBytes: maxMat5Bytes, ratio: 200, ratioFloor: 2 ** 27 }
const memory = { address: 4_000_000, data: 1_900_000 } // KiB: the file, its variables unpacked, one array as float64, and Node
/** For a file of so many bytes: unpacking takes some 0.1 s per 10 MB on an idle machine. */
const limitMs = (bytes: number): number => 10_000 + bytes / 5000
const maxJsonBytes = 1e6
const maxFrameBytes = 8 << 20

const own = path.extname(fileURLToPath(import.meta.url)) // .ts from a checkout, .js when built
const moduleFile = (name: string): string => fileURLToPath(new URL(`${name}${own}`, import.meta.url))
const modules = ['./child', './mat5', './elements', './numbers', './read-matrix', './select', './values', '../mat-variable', '../source-file', '../hdf5/frames', '../../domain/errors']

const damaged = (file: SourceFile, what: string): VentralError =>
  new VentralError('damaged-file', `${file.name}: ${what}. Check the file, or save it as version 7.3, which is read in parts.`, [{ pointer: file.name, expected: 'an intact MAT-file', found: what }])

const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= 4000
const isDetail = (value: unknown): value is ProblemDetail => typeof value === 'object' && value !== null && ['pointer', 'expected', 'found'].every((key) => isText((value as Record<string, unknown>)[key]))

/** The child's error, when it is one of ours: a hostile file may have taken the child over. */
const errorOf = (file: SourceFile, { payload }: Frame): Error => {
  const { code, message, errors } = JSON.parse(payload.toString()) as { code?: unknown; message?: unknown; errors?: unknown }
  const known = typeof code === 'string' && Object.hasOwn(problemCodes, code) && code !== 'internal'
  if (!known || !isText(message) || !Array.isArray(errors) || !errors.every(isDetail)) return damaged(file, 'it cannot be read')
  return errorFromPlain({ code: code as ProblemCode, message, errors })
}

const arrayOf = (file: SourceFile, { payload }: Frame): Mat5Array => {
  const { path: name, dims, className } = JSON.parse(payload.toString()) as Record<string, unknown>
  const sides = Array.isArray(dims) && dims.length <= 32 && dims.every((side) => Number.isSafeInteger(side) && (side as number) >= 0)
  if (!isText(name) || !isText(className) || !sides) throw damaged(file, 'its reader answered nonsense')
  return { path: name, dims: dims as number[], className }
}

const receive = async (child: ChildProcess, file: SourceFile, target: ValueFile): Promise<Mat5Array> => {
  const next = frameReader(child.stdout as AsyncIterable<Buffer>)
  const frame = async (maxBytes: number): Promise<Frame> => {
    const one = await next(maxBytes)
    if (one === null) throw damaged(file, 'the reader gave up on it (too much memory, or a damaged structure)')
    if (one.kind === frameKinds.error) throw errorOf(file, one)
    return one
  }
  const array = arrayOf(file, await frame(maxJsonBytes))
  let left = array.dims.reduce((product, side) => product * side, 8)
  if (left > 8 * maxMat5Bytes) throw damaged(file, `${array.path} would take ${left} bytes`)
  while (left > 0) {
    const { kind, payload } = await frame(maxFrameBytes)
    if (kind !== frameKinds.bytes || payload.length === 0 || payload.length % 8 !== 0 || payload.length > left) throw damaged(file, `${array.path} came short`)
    left -= payload.length
    await target.append(new Float64Array(new Uint8Array(payload).buffer))
  }
  return array
}

/**
 * Copies one array of a MAT-file of version 5 to 7 into a file of values, in storage order, by a child process of its own (no
 * environment, no files, limited memory and time). `variable` null: the only array with several axes. Errors: missing-field,
 * unsupported-dtype, unsupported-format, damaged-file, archive-bomb, body-too-large.
 */
export const copyMat5Array = async (file: SourceFile, variable: string | null, target: ValueFile, signal?: AbortSignal): Promise<Mat5Array> => {
  const { size } = await fs.promises.stat(file.path)
  if (size > maxMat5Bytes)
    throw new VentralError('body-too-large', `${file.name} has ${size} bytes; a MAT-file of version 5 to 7 may have ${maxMat5Bytes}. Save it as version 7.3, which is read in parts.`, [{ pointer: file.name, expected: `at most ${maxMat5Bytes} bytes`, found: `${size}` }])
  const handle = await fs.promises.open(file.path, 'r')
  const child = spawnSandboxed({ script: moduleFile('./child'), args: [JSON.stringify({ where: file.name, variable, limits })], readable: modules.map(moduleFile), descriptor: handle.fd, memory })
  const timeoutMs = limitMs(size)
  const guard = guardSandboxed(child, timeoutMs, signal)
  await handle.close()
  try {
    return await receive(child, file, target)
  } catch (error) {
    signal?.throwIfAborted()
    if (guard.late()) throw damaged(file, `reading it took over ${timeoutMs / 1000} s`)
    if (error instanceof FrameError || error instanceof SyntaxError) throw damaged(file, `its reader answered nonsense (${error.message})`)
    throw error
  } finally {
    await guard.end()
  }
}
