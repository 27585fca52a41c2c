/**
 * Reads one untrusted MAT-file of version 5 to 7 for the service, in a process without environment, without access to any file but the
 * inherited descriptor 3, and with limits on memory and time set by the parent. Started as: node --permission child.ts REQUEST. Answers
 * with one frame of JSON about the array, then with its values in storage order; or with an error frame.
 */
import fs from 'node:fs'
import { errorToPlain, VentralError } from '../../domain/errors.ts'
import { encodeFrame, encodeJson, frameKinds } from '../hdf5/frames.ts'
import { variableNotFound } from '../mat-variable.ts'
import { readMat5 } from './mat5.ts'
import type { Mat5Limits } from './mat5.ts'
import { numericArrays, selectMat } from './select.ts'
import { describeMat } from './values.ts'
import type { MatNumeric, MatVariable } from './values.ts'

const descriptor = 3
const frameBytes = 8 << 20

const readAll = (): Buffer => {
  const bytes = Buffer.allocUnsafe(fs.fstatSync(descriptor).size)
  for (let done = 0; done < bytes.length; ) {
    const read = fs.readSync(descriptor, bytes, done, bytes.length - done, done)
    if (read === 0) throw new Error('the file ended early')
    done += read
  }
  return bytes
}

/** The array that the user names, else the only one of several axes. */
const choose = (variables: readonly MatVariable[], variable: string | null, where: string): { path: string; value: MatNumeric } => {
  if (variable === null) {
    const arrays = [...numericArrays(variables)].filter(({ value }) => value.dims.filter((side) => side > 1).length >= 2)
    if (arrays.length === 1) return arrays[0]
    throw variableNotFound(where, null, arrays.map(({ path }) => path))
  }
  const value = selectMat(variables, variable, where)
  if (value.kind === 'numeric') return { path: variable, value }
  throw new VentralError('unsupported-dtype', `${where}: ${variable} is a ${describeMat(value)}; expected an array of real numbers.`, [{ pointer: '/variable', expected: 'an array of real numbers', found: describeMat(value) }])
}

const send = async (parts: Buffer[]): Promise<void> => {
  for (const part of parts) await new Promise<void>((resolve, reject) => void process.stdout.write(part, (error) => (error ? reject(error) : resolve())))
}

const { where, variable, limits } = JSON.parse(process.argv[2]) as { where: string; variable: string | null; limits: Mat5Limits }
try {
  const { path, value } = choose([...readMat5(readAll(), where, limits)], variable, where)
  const data = value.data()
  await send(encodeJson({ path, dims: value.dims, className: value.className }))
  const bytes = new Uint8Array(data.buffer)
  for (let at = 0; at < bytes.length; at += frameBytes) await send(encodeFrame(frameKinds.bytes, bytes.subarray(at, at + frameBytes)))
} catch (error) {
  await send(encodeJson(errorToPlain(error), frameKinds.error))
}
