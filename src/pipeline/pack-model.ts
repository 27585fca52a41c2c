import { createWriteStream } from 'node:fs'
import fs from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { ZipFile } from 'yazl'
import type { PipelineContext } from './context.ts'

/** A zip of a model and its weights file, made once and kept among the temporary files. */
export const packModel = async ({ blobs, home }: PipelineContext, files: Record<string, string>): Promise<string> => {
  const target = path.join(home.folders.tmp, `model-${files['model.onnx']}-${files['weights.bin'].slice(0, 16)}.zip`)
  if (await fs.stat(target).catch(() => null)) return target
  const part = `${target}.${process.hrtime.bigint()}`
  const zip = new ZipFile()
  for (const name of ['model.onnx', 'weights.bin']) zip.addFile(blobs.path(files[name]), name, { compress: false })
  zip.end()
  await pipeline(zip.outputStream, createWriteStream(part))
  await fs.rename(part, target)
  return target
}
