import fs from 'node:fs'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { fitBundle } from '../../src/pipeline/bundle/bundle.ts'
import type { PipelineContext } from '../../src/pipeline/context.ts'
import { unzip } from '../helper/python.ts'

/** A fit's bundle in memory, of the length that was announced. */
export const packBundle = async (context: PipelineContext, fit: string): Promise<Buffer> => {
  const { stream, bytes, filename } = await fitBundle(context, fit)
  const whole = await buffer(stream)
  if (whole.length !== bytes || filename !== `${fit}.zip`) throw new Error(`${filename}: ${whole.length} instead of ${bytes}`)
  return whole
}

/** The folder in which a fit's bundle was unpacked. */
export const unpackBundle = async (context: PipelineContext, fit: string, { python, folder }: { python: string; folder: string }): Promise<string> => {
  const into = path.join(folder, fit)
  fs.writeFileSync(`${into}.zip`, await packBundle(context, fit))
  unzip(python, `${into}.zip`, into)
  return into
}
