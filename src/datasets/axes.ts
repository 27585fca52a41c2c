import type { Axis } from '../domain/dataset.ts'
import { VentralError } from '../domain/errors.ts'
import type { SourceFile } from './source-file.ts'

/** Formats that state their own axes take the same statement from the user and no other. Errors: unknown-axes. */
export const agreeOnAxes = (file: SourceFile, stated: readonly Axis[] | null, own: readonly Axis[]): void => {
  if (stated === null || stated.join() === own.join()) return
  throw new VentralError('unknown-axes', `axes: ${file.name} has the axes ${own.join(',')} by its format, not ${stated.join(',')}. Leave the field out.`, [
    { pointer: '/axes', expected: own.join(','), found: stated.join(',') },
  ])
}

/** The axes of a bare array: as stated, else stimulus, site and perhaps repetition. Errors: unknown-axes, count-mismatch (an empty axis). */
export const axesOfArray = (file: string, shape: readonly number[], stated: readonly Axis[] | null): { axes: Axis[]; assumed: boolean } => {
  const found = `${shape.length} axes, (${shape.join(', ')})`
  const axes: readonly Axis[] = stated ?? (['stimulus', 'site', 'repetition'] as const).slice(0, shape.length)
  if (axes.length !== shape.length || axes.length < 2) {
    const detail =
      stated === null
        ? `${file} has ${found}; without "axes" it must have two (stimulus,site) or three (stimulus,site,repetition). State the field "axes".`
        : `axes: ${stated.join(',')} names ${stated.length} axes and ${file} has ${found}. State every axis of the array, from the first to the last.`
    throw new VentralError('unknown-axes', detail, [{ pointer: '/axes', expected: `${axes.length} axes`, found }])
  }
  const empty = axes.find((_, i) => shape[i] === 0)
  if (empty !== undefined) {
    throw new VentralError('count-mismatch', `${file}: its ${empty} axis has length 0 in (${shape.join(', ')}).`, [
      { pointer: `${file}: shape`, expected: 'at least one of everything', found: `(${shape.join(', ')})` },
    ])
  }
  return { axes: [...axes], assumed: stated === null }
}
