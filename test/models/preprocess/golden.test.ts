import { createHash } from 'node:crypto'
import fs from 'node:fs'
import t from 'tap'
import { decodeImage } from '../../../src/models/preprocess/decode.ts'
import { resizeBilinear } from '../../../src/models/preprocess/resample.ts'
import type { RgbImage } from '../../../src/models/preprocess/rgb-image.ts'
import { toPixels, writePixels } from '../../../src/models/preprocess/to-pixels.ts'
import { needs, shared, sharedJson } from '../../helper/shared.ts'

// Every byte equals Pillow 9.4's, JPEG included (both decode with libjpeg-turbo), so hashes are compared, not samples with a tolerance.

interface Facts { size_hw: [number, number]; sha256: string; normalised?: { samples: [number, number][] } }
interface Golden {
  pipeline: { mean: number[]; std: number[] }
  images: { file: string; decoded_rgb: Facts; squash224: Facts; resize256?: Facts; resize256_crop224?: Facts & { crop_top_left: [number, number] } }[]
}

const present = needs('reference', 'preprocess', 'preprocess.json')
const sha256 = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex')
const facts = ({ width, height, data }: RgbImage) => ({ size_hw: [height, width], sha256: sha256(data) })
const only = ({ size_hw, sha256 }: Facts) => ({ size_hw, sha256 })

const crop = ({ width, data }: RgbImage, [top, left]: [number, number], side: number): RgbImage => ({
  width: side, height: side,
  data: Buffer.concat(Array.from({ length: side }, (_, y) => data.subarray(((top + y) * width + left) * 3, ((top + y) * width + left + side) * 3))),
})

t.test('decoded, resized and normalised images are Pillow\'s and torchvision\'s', present, async (t) => {
  const { images, pipeline } = sharedJson<Golden>('reference', 'preprocess', 'preprocess.json')
  t.equal(images.length, 19)
  const normalised = (image: RgbImage, samples: [number, number][]): number => {
    const plane = image.width * image.height
    const pixels = new Float32Array(3 * plane)
    writePixels(image, pixels)
    return Math.max(...samples.map(([i, expected]) => Math.abs((pixels[i] - pipeline.mean[Math.floor(i / plane)]) / pipeline.std[Math.floor(i / plane)] - expected)))
  }
  for (const golden of images) {
    const bytes = fs.readFileSync(shared('reference', 'preprocess', golden.file))
    const image = await decodeImage(bytes, golden.file)
    t.strictSame(facts(image), only(golden.decoded_rgb), `${golden.file} decoded`)

    const squashed = resizeBilinear(image, { width: 224, height: 224 })
    t.strictSame(facts(squashed), only(golden.squash224), `${golden.file} at 224 x 224`)
    t.ok(normalised(squashed, golden.squash224.normalised!.samples) < 1e-6, `${golden.file} normalised`)

    if (!golden.resize256 || !golden.resize256_crop224) continue
    const [height, width] = golden.resize256.size_hw
    const short = resizeBilinear(image, { width, height })
    t.strictSame(facts(short), only(golden.resize256), `${golden.file} at ${width} x ${height}`)
    const { crop_top_left: corner, ...cropped } = golden.resize256_crop224
    t.strictSame(facts(crop(short, corner, 224)), only(cropped), `${golden.file} cropped`)
  }
})

t.test('toPixels is decode, resize, planes in [0, 1]', present, async (t) => {
  const bytes = fs.readFileSync(shared('reference', 'preprocess', 'images', 'rocket.jpg'))
  const { data } = resizeBilinear(await decodeImage(bytes, 'rocket.jpg'), { width: 5, height: 3 })
  const pixels = await toPixels(bytes, 'rocket.jpg', { width: 5, height: 3 })
  t.strictSame([...pixels], [0, 1, 2].flatMap((c) => Array.from({ length: 15 }, (_, i) => Math.fround(data[3 * i + c] / 255))))
})
