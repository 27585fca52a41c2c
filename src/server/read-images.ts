import type { FastifyRequest } from 'fastify'
import { VentralError } from '../domain/errors.ts'
import type { NamedImage } from '../pipeline/inside/images.ts'
import { MAX_IMAGES } from './schemas/predict.ts'
import type { PredictJson } from './schemas/predict.ts'

export const MAX_IMAGE_BYTES = 64 * 2 ** 20

const tooLarge = (): VentralError => new VentralError('body-too-large', `The images are over ${MAX_IMAGE_BYTES / 2 ** 20} MB together. Send fewer at a time.`)

/** What an image is called that has no file's name. */
const nameOf = (i: number): string => `image ${i + 1}`

const unnamed = (images: readonly Uint8Array[]): NamedImage[] => images.map((bytes, i) => ({ name: nameOf(i), bytes }))

const readForm = async (request: FastifyRequest): Promise<NamedImage[]> => {
  const images: NamedImage[] = []
  let bytes = 0
  for await (const part of request.parts({ limits: { fileSize: MAX_IMAGE_BYTES, files: MAX_IMAGES, fields: 1 } })) {
    if (part.type === 'field') throw new VentralError('unknown-field', `The form has the text field "${part.fieldname}"; it takes images only.`, [{ pointer: `/${part.fieldname}`, expected: 'an image file', found: 'text' }])
    const image = await part.toBuffer()
    bytes += image.length
    if (bytes > MAX_IMAGE_BYTES) throw tooLarge()
    images.push({ name: part.filename || nameOf(images.length), bytes: image })
  }
  return images
}

/** The encoded images of a request: one as the body itself, several in a form (with the names of their files), or base64 in JSON. */
export const readNamedImages = async (request: FastifyRequest): Promise<NamedImage[]> => {
  const body = request.body as Buffer | PredictJson | null | undefined
  const images = request.isMultipart() ? await readForm(request) : unnamed(Buffer.isBuffer(body) ? [body] : (body?.images.map((text) => Buffer.from(text, 'base64')) ?? []))
  if (images.length === 0 || images.some(({ bytes }) => bytes.length === 0))
    throw new VentralError('missing-field', 'The request has no image. Send image bytes, a form with image files, or {"images":[base64…]}.')
  return images
}

/** The same without names, which only messages would need. */
export const readImages = async (request: FastifyRequest): Promise<Uint8Array[]> => (await readNamedImages(request)).map(({ bytes }) => bytes)
