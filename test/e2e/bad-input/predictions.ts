import { noisePng } from '../../pipeline/fixtures.ts'
import { formOf, postJson } from '../service.ts'
import { bombPng, halfPng } from './datasets.ts'
import type { BadCase } from './bad-case.ts'

/** Bad requests to a good encoder of `pixels`. */
export const badPredictions = (encoder: string): BadCase[] => {
  const image = (bytes: Uint8Array, type = 'image/png', id = encoder): BadCase['send'] => ({ url }) =>
    fetch(`${url}/predict?encoder=${id}`, { method: 'POST', headers: { 'content-type': type }, body: new Uint8Array(bytes) })
  const json = (body: unknown): BadCase['send'] => (service) => postJson(service, `/predict?encoder=${encoder}`, body)
  const good = noisePng('good')
  const infer = (shape: number[], data: unknown[]): BadCase['send'] => (service) =>
    postJson(service, `/v2/models/${encoder}/infer`, { inputs: [{ name: 'pixels', datatype: 'FP32', shape, data }] })
  return [
    { what: 'not an image', send: image(Buffer.from('hello')), code: 'not-an-image', says: [/JPEG|PNG/] },
    { what: 'a truncated image', send: image(halfPng), code: 'truncated-image', says: [/image/] },
    { what: 'a decompression bomb', send: image(bombPng), code: 'image-too-large', says: [/60,?000/] },
    { what: 'one bad image among good ones', send: json({ images: [good, halfPng].map((bytes) => bytes.toString('base64')) }), code: 'truncated-image', says: [/image 1|second|#2|image 2/] },
    { what: 'an unknown encoder', send: image(good, 'image/png', 'none'), code: 'not-found', says: [/none/, /GET \/encoders/] },
    { what: 'no encoder', send: ({ url }) => fetch(`${url}/predict`, { method: 'POST', headers: { 'content-type': 'image/png' }, body: new Uint8Array(good) }), code: 'missing-field', says: [/encoder/] },
    { what: 'an empty image', send: image(new Uint8Array(0)), code: 'missing-field', says: [/image/] },
    { what: 'no images', send: json({ images: [] }), code: 'invalid-value', says: [/images/] },
    { what: 'an unknown field', send: json({ images: [good.toString('base64')], layer: 'pixels' }), code: 'unknown-field', says: [/layer/] },
    { what: 'text in a form', send: ({ url }) => fetch(`${url}/predict?encoder=${encoder}`, { method: 'POST', body: formOf({ image: 'text' }) }), code: 'unknown-field', says: [/image/] },
    { what: 'a content type that is not read', send: image(good, 'text/html'), code: 'unsupported-format', says: [/content type/] },
    { what: 'a body that is too large', send: image(new Uint8Array(65 * 2 ** 20)), code: 'body-too-large', says: [/larger|MB/] },
    { what: 'a tensor of another shape', send: infer([1, 3, 10, 10], [0]), code: 'invalid-value', says: [/n x 3 x 224 x 224/] },
    { what: 'a tensor with too few numbers', send: infer([1, 3, 224, 224], [0]), code: 'count-mismatch', says: [/150528/] },
  ]
}
