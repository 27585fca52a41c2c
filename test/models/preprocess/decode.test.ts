import fs from 'node:fs'
import sharp from 'sharp'
import t from 'tap'
import type { Test } from 'tap'
import { VentralError } from '../../../src/domain/errors.ts'
import { decodeImage } from '../../../src/models/preprocess/decode.ts'
import { needs, shared } from '../../helper/shared.ts'
import { colourType, png } from './image-builder.ts'

const photo = (name: string): Buffer => fs.readFileSync(shared('reference', 'preprocess', 'images', name))
const photos = needs('reference', 'preprocess', 'preprocess.json')
const pixels = async (bytes: Uint8Array): Promise<number[]> => [...(await decodeImage(bytes, 'x')).data]
const grey = (...values: number[]): number[] => values.flatMap((value) => [value, value, value])

t.test('PNG depths and colour types as Pillow converts them', async (t) => {
  const cases: [string, Parameters<typeof png>[0], number[]][] = [
    ['1-bit grey', { width: 4, height: 1, depth: 1, type: colourType.grey, rows: [0, 0b1010_0000] }, grey(255, 0, 255, 0)],
    ['2-bit grey', { width: 4, height: 1, depth: 2, type: colourType.grey, rows: [0, 0b00_01_10_11] }, grey(0, 85, 170, 255)],
    ['4-bit grey', { width: 2, height: 1, depth: 4, type: colourType.grey, rows: [0, 0x3c] }, grey(51, 204)],
    ['16-bit grey is clipped', { width: 3, height: 1, depth: 16, type: colourType.grey, rows: [0, 0, 200, 1, 0, 255, 255] }, grey(200, 255, 255)],
    ['16-bit grey with a transparent value', { width: 2, height: 1, depth: 16, type: colourType.grey, rows: [0, 0, 200, 1, 0], chunks: [['tRNS', [0, 200]]] }, grey(200, 255)],
    ['16-bit grey with alpha keeps the high byte', { width: 1, height: 1, depth: 16, type: colourType.greyAlpha, rows: [0, 18, 255, 128, 0] }, grey(18)],
    ['16-bit RGB keeps the high byte', { width: 1, height: 1, depth: 16, type: colourType.rgb, rows: [0, 18, 255, 128, 128, 255, 127] }, [18, 128, 255]],
    ['alpha is dropped, not composited', { width: 2, height: 1, depth: 8, type: colourType.rgba, rows: [0, 100, 120, 130, 0, 4, 5, 6, 9] }, [100, 120, 130, 4, 5, 6]],
    ['a transparent colour', { width: 2, height: 1, depth: 8, type: colourType.rgb, rows: [0, 1, 2, 3, 4, 5, 6], chunks: [['tRNS', [0, 1, 0, 2, 0, 3]]] }, [1, 2, 3, 4, 5, 6]],
    ['2-bit palette', { width: 2, height: 1, depth: 2, type: colourType.palette, rows: [0, 0b01_00_0000], chunks: [['PLTE', [7, 8, 9, 10, 11, 12]]] }, [10, 11, 12, 7, 8, 9]],
    ['gamma is left alone', { width: 1, height: 1, depth: 8, type: colourType.rgb, rows: [0, 100, 150, 200], chunks: [['gAMA', [0, 0, 0x80, 0]]] }, [100, 150, 200]],
  ]
  for (const [what, form, expected] of cases) t.strictSame(await pixels(png(form)), expected, what)
})

t.test('WebP without loss gives the pixels that went in', async (t) => {
  const data = Uint8Array.from({ length: 20 * 10 * 3 }, (_, i) => (i * 37) % 256)
  const webp = await sharp(data, { raw: { width: 20, height: 10, channels: 3 } }).webp({ lossless: true }).toBuffer()
  t.strictSame(await pixels(webp), [...data])
})

t.test('a CMYK JPEG without Adobe\'s marker is read as one with it, as Pillow does', photos, async (t) => {
  const adobe = photo('chelsea_cmyk.jpg')
  const at = adobe.indexOf(Buffer.from([0xff, 0xee]))
  const expected = (await decodeImage(adobe, 'adobe')).data
  const plain = Buffer.concat([adobe.subarray(0, at), adobe.subarray(at + 2 + adobe.readUInt16BE(at + 2))])
  t.ok((await decodeImage(plain, 'plain')).data.every((value, i) => value === expected[i]))
})

const refused = (t: Test, bytes: Uint8Array, code: string, message: RegExp) => t.rejects(decodeImage(bytes, 'cat.png'), { name: 'VentralError', code, message })

t.test('what is no image is named', async (t) => {
  const cases: [string, RegExp][] = [
    ['', /cat\.png is empty, not a JPEG/], ['GIF89a', /a GIF/], ['II*\0', /a TIFF/], ['%PDF-1.7', /a PDF/], ['\0\0\0\x20ftypavif', /HEIF, AVIF/],
    ['PK\x03\x04', /a zip/], ['<svg xmlns="http://www.w3.org/2000/svg"/>', /SVG or web page/], ['hello', /something else/],
  ]
  for (const [text, message] of cases) await refused(t, Buffer.from(text, 'latin1'), 'not-an-image', message)
})

t.test('another format behind the first bytes of a JPEG does not reach its loader', async (t) => {
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>')
  await refused(t, Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 2]), svg]), 'truncated-image', /cat\.png is truncated or damaged/)
  await t.rejects(sharp(svg).toBuffer(), /unsupported image format/, 'libvips itself refuses it')
})

t.test('too many pixels are refused by the header, before they take memory', async (t) => {
  const bomb = (width: number, height: number) => png({ width, height, depth: 8, type: colourType.grey, rows: Array<number>(1000).fill(0) })
  const before = process.memoryUsage().rss
  await refused(t, bomb(50_000, 50_000), 'image-too-large', /cat\.png has 50000 x 50000 pixels/)
  await refused(t, bomb(1, 900_000), 'image-too-large', /1 x 900000/)
  t.ok(process.memoryUsage().rss - before < 200e6)
})

t.test('cut and altered files are refused, never decoded to grey areas', photos, async (t) => {
  const source = sharp(photo('chelsea_444.jpg'))
  const files = { jpeg: photo('chelsea_420.jpg'), png: photo('synthetic_rgba_131x90.png'), webp: await source.webp({ quality: 60 }).toBuffer(), bmp: photo('chelsea_200x133.bmp') }
  for (const [kind, bytes] of Object.entries(files)) {
    await t.resolves(decodeImage(bytes, kind), `${kind} whole`)
    for (const part of [0.02, 0.3, 0.6, 0.99]) await refused(t, bytes.subarray(0, Math.floor(bytes.length * part)), 'truncated-image', /truncated or damaged \(.+\)/)
  }
  const altered = Buffer.from(files.png)
  altered[20_000] ^= 1
  await refused(t, altered, 'truncated-image', /damaged/)
})

t.test('any change of a header ends in an image or a refusal', photos, async (t) => {
  for (const name of ['synthetic_gray_101x67.png', 'chelsea_cmyk.jpg', 'chelsea_200x133.bmp']) {
    const good = photo(name)
    for (let at = 0; at < 160; at++) {
      const bytes = Buffer.from(good)
      bytes[at] ^= 0x5a
      try {
        const { width, height, data } = await decodeImage(bytes, name)
        if (data.length !== width * height * 3) t.fail(`${name}, byte ${at}: ${data.length} bytes for ${width} x ${height}`)
      } catch (error) {
        if (!(error instanceof VentralError)) t.fail(`${name}, byte ${at}: ${String(error)}`)
      }
    }
    t.pass(name)
  }
})
