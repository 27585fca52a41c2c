import zlib from 'node:zlib'
import { patched, zipBytes } from '../../datasets/fixtures.ts'
import { uniforms } from '../../helper/generator.ts'
import { colourType, png } from '../../models/preprocess/image-builder.ts'
import { noisePng } from '../../pipeline/fixtures.ts'
import { formOf, noiseImages, npyFile, zipFile } from '../service.ts'
import type { BadCase } from './bad-case.ts'

const n = 12
const images = noiseImages(n)
const rates = uniforms('rates', n * 3).map((u) => 10 * u)
const fields = { name: 'bad', axes: 'stimulus,site', unit: 'count' }

interface Upload {
  fields?: Record<string, string>
  stimuli?: { name: string; bytes: Uint8Array }
  responses?: { name: string; bytes: Uint8Array }
  others?: Parameters<typeof formOf>[0]
}

/** A good upload but for what is given. */
const upload = async (change: Upload = {}): Promise<FormData> =>
  formOf({ ...fields, ...change.fields, stimuli: change.stimuli ?? (await zipFile(images)), responses: change.responses ?? npyFile(rates, [n, 3]), ...change.others })

const post = (make: () => Promise<FormData>): BadCase['send'] => async ({ url }) => fetch(`${url}/datasets`, { method: 'POST', body: await make() })
const withImage = (name: string, bytes: Uint8Array): BadCase['send'] => post(async () => upload({ stimuli: await zipFile([...images.slice(1), [name, bytes]]) }))
const withRates = (index: number, rate: number, change: Upload = {}): BadCase['send'] => post(() => upload({ responses: npyFile(rates.with(index, rate), [n, 3]), ...change }))

/** A few hundred bytes that say they are 60,000 x 60,000 pixels: 10.8 GB decoded. */
export const bombPng = png({ width: 60_000, height: 60_000, depth: 8, type: colourType.rgb, rows: Array.from({ length: 1000 }, () => 0) })
/** The first half of an image. */
export const halfPng = noisePng('half', 40).subarray(0, 2500)

/** An archive whose directory says that an entry unpacks to fewer bytes than it does. */
const lyingZip = async (): Promise<Buffer> => {
  const size = (bytes: number): string => {
    const word = Buffer.alloc(4)
    word.writeUInt32LE(bytes)
    return word.toString('latin1')
  }
  const honest = await zipBytes([['s000.png', Buffer.concat([noisePng('lie'), Buffer.alloc(3_000_000)])], ...images.slice(1)])
  return patched(honest, size(noisePng('lie').length + 3_000_000), size(1000))
}

/** 300 MB of zeros in 300 kB. Each megabyte is packed alike, so it is packed once. */
const zerosZip = async (): Promise<Buffer> => {
  const megabyte = zlib.deflateRawSync(Buffer.alloc(1e6), { finishFlush: zlib.constants.Z_FULL_FLUSH })
  const packed = Buffer.concat([...Array.from({ length: 300 }, () => megabyte), zlib.deflateRawSync(Buffer.alloc(0))])
  const bytes = await zipBytes([['s000.png', packed], ...images.slice(1)], { compress: false })
  const directory = bytes.indexOf('PK\x01\x02', 0, 'latin1')
  bytes.writeUInt16LE(8, directory + 10) // deflated
  bytes.writeUInt32LE(300e6, directory + 24)
  return bytes
}

const complexNpy = (): Uint8Array => Buffer.from(Buffer.from(npyFile(rates, [n, 3]).bytes).toString('latin1').replace("'<f8'", "'<c8'"), 'latin1')
const objectNpy = (): Uint8Array => Buffer.from(Buffer.from(npyFile(rates, [n, 3]).bytes).toString('latin1').replace("'<f8'", "'|O' "), 'latin1')

export const badDatasets: BadCase[] = [
  { what: 'not an image', send: withImage('s000.png', Buffer.from('just text\n')), code: 'not-an-image', says: [/s000\.png/, /JPEG|PNG/] },
  { what: 'an image of a kind that is not read', send: withImage('s000.gif', Buffer.from('GIF89a\x01\x00\x01\x00')), code: 'not-an-image', says: [/s000\.gif/, /JPEG, PNG/] },
  { what: 'a truncated image', send: withImage('s000.png', halfPng), code: 'truncated-image', says: [/s000\.png/] },
  { what: 'a decompression bomb', send: withImage('s000.png', bombPng), code: 'image-too-large', says: [/s000\.png/, /60,?000/] },
  { what: 'a zip with ../', send: post(async () => upload({ stimuli: { name: 'stimuli.zip', bytes: patched(await zipBytes([...images, ['xx/evil.png', noisePng('evil')]]), 'xx/evil.png', '../evil.png') } })), code: 'unsafe-path', says: [/stimuli\.zip/, /\.\.\/evil\.png/, /relative paths/] },
  { what: 'a zip with a symbolic link', send: post(async () => upload({ stimuli: { name: 'stimuli.zip', bytes: await zipBytes([['s000.png', Buffer.from('/etc/passwd')]], { mode: 0o120777 }) } })), code: 'unsafe-path', says: [/s000\.png/, /symbolic link/] },
  { what: 'a zip bomb', send: post(async () => upload({ stimuli: { name: 'stimuli.zip', bytes: await zerosZip() } })), code: 'archive-bomb', says: [/stimuli\.zip/, /300000000/] },
  { what: 'a zip that lies about its sizes', send: post(async () => upload({ stimuli: { name: 'stimuli.zip', bytes: await lyingZip() } })), code: 'archive-bomb', says: [/s000\.png/, /more than it states/] },
  { what: 'no zip', send: post(() => upload({ stimuli: { name: 'stimuli.zip', bytes: Buffer.from('Rar!') } })), code: 'unsupported-format', says: [/stimuli\.zip/, /\.zip/] },
  { what: 'a zip that was cut off', send: post(async () => upload({ stimuli: { name: 'stimuli.zip', bytes: (await zipBytes(images)).subarray(0, -40) } })), code: 'damaged-file', says: [/stimuli\.zip/, /upload it anew/] },
  { what: 'one name in two folders', send: post(async () => upload({ stimuli: await zipFile(images.map(([name, bytes], i) => [i < 2 ? `${i}/same.png` : name, bytes] as const)) })), code: 'duplicate-id', says: [/same\.png/] },
  { what: 'fewer images than rows', send: post(async () => upload({ stimuli: await zipFile(images.slice(2)) })), code: 'count-mismatch', says: [/10/, /12/] },
  { what: 'more images than rows', send: post(() => upload({ responses: npyFile(rates.slice(0, 30), [10, 3]) })), code: 'count-mismatch', says: [/10/, /12/] },
  { what: 'an unknown axis', send: post(() => upload({ fields: { axes: 'stimulus,neuron' } })), code: 'unknown-axes', says: [/neuron/, /stimulus, site/] },
  { what: 'axes of another array', send: post(() => upload({ fields: { axes: 'stimulus,site,repetition' } })), code: 'unknown-axes', says: [/responses\.npy/, /12 x 3|12, 3/] },
  { what: 'complex responses', send: post(() => upload({ responses: { name: 'responses.npy', bytes: complexNpy() } })), code: 'unsupported-dtype', says: [/responses\.npy/, /c8/, /float/] },
  { what: 'pickled objects as responses', send: post(() => upload({ responses: { name: 'responses.npy', bytes: objectNpy() } })), code: 'unsupported-dtype', says: [/responses\.npy/, /O/, /float/] },
  { what: 'responses cut off', send: post(() => upload({ responses: { name: 'responses.npy', bytes: npyFile(rates, [n, 3]).bytes.subarray(0, -8) } })), code: 'damaged-file', says: [/responses\.npy/] },
  { what: 'responses in another format', send: post(() => upload({ responses: { name: 'responses.xls', bytes: Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0, 0]) } })), code: 'unsupported-format', says: [/responses\.xls/, /\.npy/] },
  { what: 'a MAT-file of a few bytes', send: post(() => upload({ responses: { name: 'responses.mat', bytes: Buffer.from('MATLAB 5.0 MAT-file') } })), code: 'damaged-file', says: [/responses\.mat/, /19 bytes/] },
  { what: 'an infinite count', send: withRates(7, Infinity), code: 'non-finite-rates', says: [/responses\.npy/, /NaN/] },
  { what: 'an infinite number of another unit', send: withRates(7, -Infinity, { fields: { unit: 'other' } }), code: 'non-finite-rates', says: [/responses\.npy/, /NaN/] },
  { what: 'a negative count', send: withRates(8, -1), code: 'negative-rates', says: [/responses\.npy/, /-1/, /other/] },
  { what: 'an ambiguous order', send: post(async () => upload({ stimuli: await zipFile(images.map(([, bytes], i) => [`im${i + 1}.png`, bytes] as const)) })), code: 'ambiguous-order', says: [/im1\.png, im2\.png, im3\.png/, /im1\.png, im10\.png, im11\.png/, /order/] },
  { what: 'an unknown unit', send: post(() => upload({ fields: { unit: 'volts' } })), code: 'invalid-value', says: [/volts/, /count/] },
  { what: 'no unit', send: post(async () => formOf({ name: 'bad', axes: 'stimulus,site', stimuli: await zipFile(images), responses: npyFile(rates, [n, 3]) })), code: 'missing-field', says: [/unit/, /other/] },
  { what: 'an order of images without images', send: post(async () => formOf({ ...fields, order: 'natural', responses: npyFile(rates, [n, 3]) })), code: 'invalid-request', says: [/order/, /stimuli/] },
  { what: 'an unknown text field', send: post(() => upload({ fields: { colour: 'red' } })), code: 'unknown-field', says: [/colour/, /axes/] },
  { what: 'an unknown file', send: post(() => upload({ others: { spikes: { name: 'spikes.npy', bytes: Buffer.from('x') } } })), code: 'unknown-field', says: [/spikes/, /responses/] },
  { what: 'a text field that is too long', send: post(() => upload({ fields: { name: 'n'.repeat(200_000) } })), code: 'body-too-large', says: [/"name"/, /100000/] },
  { what: 'metadata of other stimuli', send: post(() => upload({ others: { metadata: { name: 'metadata.csv', bytes: Buffer.from('filename,object_name\nnone.png,car\n') } } })), code: 'count-mismatch', says: [/metadata\.csv/] },
  { what: 'JSON instead of a form', send: ({ url }) => fetch(`${url}/datasets`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }), code: 'unsupported-format', says: [/multipart\/form-data|content type/] },
  { what: 'a form that ends in the middle', send: ({ url }) => fetch(`${url}/datasets`, { method: 'POST', headers: { 'content-type': 'multipart/form-data; boundary=x' }, body: '--x\r\ncontent-disposition: form-data; name="stimuli"; filename="a.zip"\r\n\r\nPK' }), code: 'invalid-request', says: [/ended|end/] },
  { what: 'an HDF5 file that is none', send: post(async () => formOf({ name: 'bad', unit: 'other', file: { name: 'data.h5', bytes: Buffer.concat([Buffer.from('\x89HDF\r\n\x1a\n', 'latin1'), Buffer.alloc(2000, 7)]) } })), code: 'damaged-file', says: [/data\.h5/] },
]
