import fs from 'node:fs'
import { pipeline } from 'node:stream/promises'
import yazl from 'yazl'
import type { EncodedStimulus } from './encode-stimulus.ts'

/** Writes the files to a zip, stored (JPEG and PNG do not shrink further). A fixed DOS time keeps the bytes equal from run to run. */
export const writeZip = async (file: string, entries: readonly EncodedStimulus[], signal?: AbortSignal): Promise<void> => {
  const zip = new yazl.ZipFile()
  for (const { filename, bytes } of entries) {
    zip.addBuffer(
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), filename,
      { compress: false, mtime: new Date(2015, 0, 1), forceDosTimestamp: true, mode: 0o100644 },
    )
  }
  zip.end()
  await pipeline(zip.outputStream, fs.createWriteStream(file), { signal })
}
