import type { Axis } from '../domain/dataset.ts'
import { openNpy } from '../numerics/npy.ts'
import type { NpyFile, NpyHeader } from '../numerics/npy.ts'
import { axesOfArray } from './axes.ts'
import type { StoredArray } from './canonical-blocks.ts'
import { nothingImplied } from './responses.ts'
import type { OpenResponses } from './responses.ts'
import type { SourceFile } from './source-file.ts'

/** float32 holds these exactly; a canonical file of it takes half the space. */
const fitsFloat32 = ({ kind, itemSize }: NpyHeader): boolean => (kind === 'f' ? itemSize <= 4 : itemSize <= 2)

/** The array in storage order: that of its axes in C order, that of the reversed axes in Fortran order. */
const storedArray = (file: string, npy: NpyFile, axes: Axis[]): StoredArray => {
  const { shape, fortranOrder, itemSize } = npy.header
  return {
    file,
    axes: fortranOrder ? axes.toReversed() : axes,
    shape: fortranOrder ? shape.toReversed() : shape,
    itemBytes: itemSize,
    read: (from, count) => npy.elements(from, from + count),
  }
}

/**
 * Opens a bare .npy array of responses; `stated` are its axes if the user said so. `where` names it in messages.
 * Errors: unknown-axes, count-mismatch, unsupported-dtype, damaged-file.
 */
export const openNpyResponses = async (file: SourceFile, stated: readonly Axis[] | null, where = file.name): Promise<OpenResponses> => {
  const npy = await openNpy(file.path, where)
  try {
    const { axes, assumed } = axesOfArray(where, npy.header.shape, stated)
    return {
      ...nothingImplied,
      reader: 'npy',
      file: where,
      axes,
      array: storedArray(where, npy, axes),
      stimulusNames: null,
      siteIds: null,
      dtype: fitsFloat32(npy.header) ? 'f4' : 'f8',
      axesAssumed: assumed,
      warnings: [],
      close: () => npy.close(),
    }
  } catch (error) {
    await npy.close()
    throw error
  }
}
