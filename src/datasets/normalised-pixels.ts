import sharp from 'sharp'
import { VentralError } from '../domain/errors.ts'

const mean = [0.485, 0.456, 0.406]
const sd = [0.229, 0.224, 0.225]

/** Extremes met while undoing the normalisation, over all stimuli. */
export interface PixelRange {
  /** of 255ths: the largest distance to the whole number that was stored */
  deviation: number
  /** of the normalised values */
  low: number
  high: number
}

/** Normalised planes (3, height, width) -> interleaved 8-bit RGB. Values far outside 0..1 were not normalised as stated: refused. */
export const toRgb = (planes: ArrayLike<number | bigint>, offset: number, pixels: number, where: string, range: PixelRange): Buffer => {
  const rgb = Buffer.alloc(3 * pixels)
  for (let channel = 0; channel < 3; channel++) {
    for (let i = 0; i < pixels; i++) {
      const normalised = Number(planes[offset + channel * pixels + i])
      const value = (normalised * sd[channel] + mean[channel]) * 255
      // also catches NaN; 8 of 255 leaves room for a resampling that overshoots
      if (!(value >= -8 && value <= 263)) {
        throw new VentralError(
          'invalid-value',
          `${where} holds ${normalised}, which is no pixel normalised by ImageNet's mean and standard deviation ` +
            `(it would be ${(value / 255).toFixed(3)} of 0 to 1). Check how the stimuli were written.`,
          [{ pointer: where, expected: '(pixel - mean) / sd with pixels of 0 to 1', found: String(normalised) }],
        )
      }
      const byte = Math.min(255, Math.max(0, Math.round(value)))
      rgb[3 * i + channel] = byte
      range.deviation = Math.max(range.deviation, Math.abs(value - byte))
      range.low = Math.min(range.low, normalised)
      range.high = Math.max(range.high, normalised)
    }
  }
  return rgb
}

export const pixelWarnings = ({ deviation, low, high }: PixelRange, file: string): string[] => [
  // float32 itself is off by 1e-4 at most
  ...(deviation > 0.01
    ? [`${file}: the stimuli are no 8-bit images: stored as 8-bit PNG, a pixel deviates by up to ${deviation.toFixed(2)} of 255 from the file.`]
    : []),
  ...(low >= 0 && high <= 1
    ? [`${file}: all stimulus values lie between 0 and 1. They look like pixels that were never normalised; the images shown here would then be wrong.`]
    : []),
]

export const encodePng = (rgb: Buffer, width: number, height: number): Promise<Buffer> =>
  sharp(rgb, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 4, adaptiveFiltering: false })
    .toBuffer()
