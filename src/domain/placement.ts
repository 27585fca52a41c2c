import type { DatasetManifest } from './dataset.ts'

/** How an image comes into the square that a backbone sees. */
export const placements = ['fill', 'degrees', 'pad-square'] as const
export type Placement = (typeof placements)[number]

/** Degrees of visual angle that a backbone's input spans (FORMULAS, "Placement"). */
export const BACKBONE_DEGREES = 8

/** Where the dataset does not state its background: mid grey. */
export const DEFAULT_BACKGROUND: readonly [number, number, number] = [127, 127, 127]

/** A placement other than `fill`, as it is done: the image centred on a square canvas of the background's colour, which is then resized. */
export interface ImagePlacement {
  kind: Exclude<Placement, 'fill'>
  /** `degrees`: side of the canvas over the image's width; under 1 the image is cut */
  ratio?: number
  background: readonly [number, number, number]
}

/** What `placement` means for a dataset's images; null for `fill`. `degrees` needs the dataset's `visualDegrees`. */
export const placementOf = (placement: Placement, { visualDegrees, backgroundRgb }: Pick<DatasetManifest, 'visualDegrees' | 'backgroundRgb'>): ImagePlacement | null => {
  const background = backgroundRgb ?? DEFAULT_BACKGROUND
  if (placement === 'pad-square') return { kind: placement, background }
  return placement === 'degrees' ? { kind: placement, ratio: BACKBONE_DEGREES / visualDegrees!, background } : null
}
