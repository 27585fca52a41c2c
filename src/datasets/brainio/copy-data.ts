import { VentralError } from '../../domain/errors.ts'
import { throwIfAborted } from '../../domain/progress.ts'
import { maxSlabBytes } from '../hdf5/client.ts'
import type { Hdf5File } from '../hdf5/client.ts'
import type { PresentationFile } from '../presentation-file.ts'
import type { AssemblyLayout } from './layout.ts'

const slabBytes = 24e6

/** Presentations per slab: whole chunks where they fit, so that none is unpacked twice. */
const presentationsPerSlab = (file: string, { data, axes, size }: AssemblyLayout): number => {
  const bytes = size.site * size.time * Math.max(8, data.size) // as float64
  if (bytes > maxSlabBytes)
    throw new VentralError('does-not-fit', `${file}: ${data.name} has ${size.site} x ${size.time} values per presentation; at most ${maxSlabBytes / 8} are read. Import fewer sites or time bins at a time.`)
  const fit = Math.max(1, Math.floor(slabBytes / bytes))
  const chunk = data.chunks?.[axes.indexOf('presentation')] ?? 1
  return chunk <= fit ? fit - (fit % chunk) : chunk * bytes <= maxSlabBytes ? chunk : fit
}

/** What a stored value means, by the conventions of netCDF (CF, section 8.1): the fill value is missing, others are scaled. */
const decoder = ({ attributes }: AssemblyLayout['data']): ((value: number | bigint) => number) => {
  const of = (name: '_FillValue' | 'scale_factor' | 'add_offset', otherwise: number): number => (typeof attributes[name] === 'number' ? attributes[name] : otherwise)
  const [fill, scale, offset] = [of('_FillValue', NaN), of('scale_factor', 1), of('add_offset', 0)]
  return (value) => (Number(value) === fill ? NaN : Number(value) * scale + offset)
}

/** Copies the responses, slab by slab, as rows presentation x site x time bin. */
export const copyData = async (h5: Hdf5File, layout: AssemblyLayout, target: PresentationFile, signal?: AbortSignal): Promise<void> => {
  const { data, axes, size } = layout
  const decode = decoder(data)
  const step = presentationsPerSlab(h5.file.name, layout)
  for (let first = 0; first < size.presentation; first += step) {
    throwIfAborted(signal)
    const count = Math.min(step, size.presentation - first)
    const counts = axes.map((axis) => (axis === 'presentation' ? count : size[axis]))
    const slab = await h5.block(data.name, { offset: axes.map((axis) => (axis === 'presentation' ? first : 0)), count: counts })
    // how far apart neighbours along an axis lie in the slab, which is in the file's order
    const strideOf = (axis: AssemblyLayout['axes'][number]): number => (axes.includes(axis) ? counts.slice(axes.indexOf(axis) + 1).reduce((a, b) => a * b, 1) : 0)
    const [p, s, t] = [strideOf('presentation'), strideOf('site'), strideOf('time')]
    const rows = new Float64Array(slab.length) // (presentation x site x time bin)
    let at = 0
    for (let i = 0; i < count; i++)
      for (let j = 0; j < size.site; j++) for (let k = 0; k < size.time; k++) rows[at++] = decode(slab[i * p + j * s + k * t])
    await target.append(rows)
  }
}
