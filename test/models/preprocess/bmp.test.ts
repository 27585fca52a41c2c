import t from 'tap'
import { decodeImage } from '../../../src/models/preprocess/decode.ts'
import type { BmpForm } from './image-builder.ts'
import { bmp } from './image-builder.ts'

const palette = [0, 0, 0, 0, 30, 20, 10, 0, 31, 21, 11, 0]
const decoded: [string, BmpForm, number[]][] = [
  ['24 bits, rows from the bottom up, padded', { width: 1, height: 2, bits: 24, rows: [3, 2, 1, 0, 6, 5, 4, 0] }, [4, 5, 6, 1, 2, 3]],
  ['24 bits from the top down, last padding left out', { width: 1, height: -2, bits: 24, rows: [3, 2, 1, 0, 6, 5, 4] }, [1, 2, 3, 4, 5, 6]],
  ['32 bits, fourth byte ignored', { width: 1, height: 1, bits: 32, rows: [3, 2, 1, 9] }, [1, 2, 3]],
  ['32 bits with fields in another order', { width: 1, height: 1, bits: 32, compression: 3, masks: [0xff, 0xff00, 0xff000000], rows: [1, 2, 9, 3] }, [1, 2, 3]],
  ['16 bits: 5, 5, 5', { width: 2, height: 1, bits: 16, rows: [0xff, 0x7f, 0x10, 0x00] }, [255, 255, 255, 0, 0, 131]],
  ['16 bits: 5, 6, 5', { width: 2, height: 1, bits: 16, compression: 3, masks: [0xf800, 0x7e0, 0x1f], rows: [0x20, 0x00, 0x00, 0x80] }, [0, 4, 0, 131, 0, 0]],
  ['8 bits', { width: 2, height: 1, bits: 8, palette, rows: [2, 1, 0, 0] }, [11, 21, 31, 10, 20, 30]],
  ['8 bits beyond the palette: black', { width: 1, height: 1, bits: 8, palette, rows: [200, 0, 0, 0] }, [0, 0, 0]],
  ['4 bits', { width: 3, height: 1, bits: 4, palette, rows: [0x12, 0x10, 0, 0] }, [10, 20, 30, 11, 21, 31, 10, 20, 30]],
  ['1 bit', { width: 3, height: 1, bits: 1, palette: palette.slice(0, 8), rows: [0b0110_0000, 0, 0, 0] }, [0, 0, 0, 10, 20, 30, 10, 20, 30]],
  ['the old 12-byte header', { width: 1, height: 1, bits: 24, core: true, rows: [3, 2, 1, 0] }, [1, 2, 3]],
]
for (const [what, form, expected] of decoded) {
  t.test(what, async (t) => {
    const { width, height, data } = await decodeImage(bmp(form), 'x.bmp')
    t.strictSame([width, height, [...data]], [form.width, Math.abs(form.height), expected])
  })
}

const plain: BmpForm = { width: 2, height: 2, bits: 24, rows: Array<number>(16).fill(0) }
const refused: [string, Buffer, string, RegExp][] = [
  ['run lengths', bmp({ ...plain, bits: 8, compression: 1 }), 'unsupported-format', /compressed as RLE8/],
  ['a JPEG inside', bmp({ ...plain, compression: 4 }), 'unsupported-format', /JPEG/],
  ['2 bits', bmp({ ...plain, bits: 2 }), 'unsupported-format', /2 bits per pixel/],
  ['an empty bit field', bmp({ ...plain, bits: 32, compression: 3, masks: [0, 0xff00, 0xff] }), 'unsupported-format', /bit field/],
  ['no pixels', bmp({ ...plain, width: 0 }), 'truncated-image', /0 x 2/],
  ['the lowest height there is', bmp({ ...plain, height: -(2 ** 31) }), 'image-too-large', /2147483648/],
  ['more pixels than bytes', bmp({ ...plain, width: 6000, height: 6000 }), 'truncated-image', /needs 108/],
  ['a header cut short', bmp(plain).subarray(0, 30), 'truncated-image', /header ends early/],
]
for (const [what, bytes, code, message] of refused) {
  t.test(`refused: ${what}`, async (t) => { await t.rejects(decodeImage(bytes, 'x.bmp'), { name: 'VentralError', code, message }) })
}
