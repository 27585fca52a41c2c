import sharp from 'sharp'
import { drawStimulus, stimulusSide } from './draw-stimulus.ts'
import type { PlannedStimulus } from './stimulus-plan.ts'

export interface EncodedStimulus {
  filename: string
  bytes: Uint8Array
}

/**
 * A stimulus as a file. JPEG, but for exact duplicates: those are the decoded pixels of their original as PNG, so that the files differ and
 * only the pixels are equal.
 */
export const encodeStimulus = async (stimulus: PlannedStimulus): Promise<EncodedStimulus> => {
  const raw = sharp(drawStimulus(stimulus), { raw: { width: stimulusSide, height: stimulusSide, channels: 3 } })
  const jpeg = await raw.jpeg({ quality: stimulus.duplicate?.kind === 'near' ? 80 : 90, chromaSubsampling: '4:4:4' }).toBuffer()
  if (stimulus.duplicate?.kind !== 'exact') return { filename: `${stimulus.stimulusId}.jpg`, bytes: jpeg }
  return { filename: `${stimulus.stimulusId}.png`, bytes: await sharp(jpeg).png().toBuffer() }
}
