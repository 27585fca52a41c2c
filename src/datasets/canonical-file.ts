import type { ResponseUnit } from '../domain/dataset.ts'
import { openNpyWriter } from '../numerics/npy.ts'
import { eachCanonicalBlock, responseShape } from './canonical-blocks.ts'
import { summariseResponses } from './responses-summary.ts'
import type { ResponseSummary } from './responses-summary.ts'
import type { OpenResponses } from './responses.ts'
import { reportFullDisk } from './source-file.ts'

/**
 * Writes responses as the canonical .npy (stimulus x site x time bin x repetition; NaN = missing), block by block, and checks every value
 * on the way. `unit` null: not known yet, negative values pass. Errors: non-finite-rates, negative-rates, does-not-fit, disk-full.
 */
export const writeCanonical = async (responses: OpenResponses, path: string, unit: ResponseUnit | null, signal?: AbortSignal): Promise<ResponseSummary> => {
  const shape = responseShape(responses.array)
  const summary = summariseResponses(responses.file, shape, unit)
  const writer = await openNpyWriter(path, [shape.sites, shape.timeBins, shape.repetitions], responses.dtype)
  try {
    await reportFullDisk(() =>
      eachCanonicalBlock(
        responses.array,
        async (firstStimulus, block) => {
          summary.add(firstStimulus, block)
          await writer.append(block)
        },
        { signal },
      ),
    )
    const result = summary.finish()
    await reportFullDisk(() => writer.close())
    return result
  } finally {
    await writer.discard()
  }
}
