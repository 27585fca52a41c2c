import fs from 'node:fs/promises'
import type { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { FileAnswer } from '../pipeline/fits.ts'

const mediaTypes: Record<string, string> = { npz: 'application/zip', zip: 'application/zip', onnx: 'application/octet-stream' }

/** Sends a stream of known length as a download. */
export const sendDownload = (reply: FastifyReply, { stream, bytes, filename }: { stream: Readable; bytes: number; filename: string }): FastifyReply =>
  reply
    .type(mediaTypes[filename.split('.').at(-1) ?? ''] ?? 'application/octet-stream')
    .headers({ 'content-length': bytes, 'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(filename)}` })
    .send(stream)

/** Sends a file as a download, without reading it into memory. */
export const sendFile = async (reply: FastifyReply, { path, filename }: FileAnswer): Promise<FastifyReply> => {
  const handle = await fs.open(path)
  const { size } = await handle.stat()
  return sendDownload(reply, { stream: handle.createReadStream(), bytes: size, filename })
}
