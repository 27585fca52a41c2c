import { answerMessages } from '../../numerics/worker-pool.ts'
import { toCrop } from './crop.ts'
import type { DecoderAnswer, DecoderMessage } from './decoder-pool.ts'
import { describeImage } from './describe-image.ts'
import type { ImageDescription } from './describe-image.ts'
import { toRgb, writePixels } from './to-pixels.ts'

// The thread of a decoder pool: messages in turn, images one after the other, so that a pool of n threads takes n cores.

const answer = async ({ task, images, names, size, crop, placement }: DecoderMessage): Promise<DecoderAnswer> => {
  if (task === 'describe') {
    const descriptions: ImageDescription[] = []
    for (const [i, bytes] of images.entries()) descriptions.push(await describeImage(bytes, names[i]))
    return descriptions
  }
  const each = 3 * size * size
  const pixels = new Float32Array(images.length * each) // (image, 3, size, size)
  for (const [i, bytes] of images.entries()) writePixels(await (crop === null ? toRgb(bytes, names[i], { width: size, height: size }, placement) : toCrop(bytes, names[i], crop)), pixels, i * each)
  return pixels
}

answerMessages(answer)
