import type { Axis } from '../domain/dataset.ts'
import { axesOfArray } from './axes.ts'
import { copyMat5Array } from './mat5/client.ts'
import { nothingImplied } from './responses.ts'
import type { OpenResponses } from './responses.ts'
import type { SourceFile } from './source-file.ts'
import { openValueFile } from './value-file.ts'

const fitsFloat32 = new Set(['single', 'int8', 'uint8', 'int16', 'uint16', 'logical'])

/** Opens responses in a MAT-file of version 5 to 7; `axes` are as MATLAB counts them. Errors: unknown-axes, count-mismatch, those of copyMat5Array. */
export const openMat5Responses = async (
  file: SourceFile,
  { variable, axes: stated, workFolder, signal }: { variable: string | null; axes: readonly Axis[] | null; workFolder: string; signal?: AbortSignal },
): Promise<OpenResponses> => {
  const values = await openValueFile(workFolder)
  try {
    const { path, dims, className } = await copyMat5Array(file, variable, values, signal)
    const where = `${file.name}: ${path}`
    const { axes, assumed } = axesOfArray(where, dims, stated)
    return {
      ...nothingImplied,
      reader: 'mat5',
      file: where,
      axes,
      // column by column: the last of the reversed axes varies fastest
      array: { file: where, axes: axes.toReversed(), shape: dims.toReversed(), itemBytes: 8, read: values.read },
      stimulusNames: null,
      siteIds: null,
      dtype: fitsFloat32.has(className) ? 'f4' : 'f8',
      axesAssumed: assumed,
      warnings: [],
      close: () => values.close(),
    }
  } catch (error) {
    await values.close()
    throw error
  }
}
