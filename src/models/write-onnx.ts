import fs from 'node:fs/promises'
import path from 'node:path'
import type { OnnxModel } from './onnx/message.ts'

/** Writes a model, and its weights file where it has one, into a folder; gives the model's path. Open it by that path. */
export const writeOnnx = async ({ model, weights }: OnnxModel, folder: string, filename = 'model.onnx'): Promise<string> => {
  if (weights) {
    const file = await fs.open(path.join(folder, weights.filename), 'w')
    try {
      for (const { offset, bytes } of weights.parts) await writeAll(file, bytes, offset)
      // A file must be as long as the model says even when its last part was padded.
      await file.truncate(weights.bytes)
    } finally {
      await file.close()
    }
  }
  const target = path.join(folder, filename)
  await fs.writeFile(target, model)
  return target
}

const writeAll = async (file: fs.FileHandle, bytes: Uint8Array, offset: number): Promise<void> => {
  let done = 0
  while (done < bytes.length) done += (await file.write(bytes, done, bytes.length - done, offset + done)).bytesWritten
}
