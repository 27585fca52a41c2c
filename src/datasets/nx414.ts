import sharp from 'sharp'
import { VentralError } from '../domain/errors.ts'
import { throwIfAborted } from '../domain/progress.ts'
import { rowBytes } from './hdf5/client.ts'
import type { Hdf5File } from './hdf5/client.ts'
import type { ListedObject } from './hdf5/protocol.ts'
import type { OpenResponses } from './responses.ts'
import { openPackWriter } from './stimuli-pack.ts'
import type { PackedImage } from './stimuli-pack.ts'

/**
 * NX-414's `IT_data.h5` (FORMATS): `stimulus_{train,val,test}` (n,3,h,w) normalised by ImageNet's mean and sd, `spikes_{train,val}` (n, sites),
 * `object_{train,val,test}` (some copies say `objects_`). The test part has no spikes and is left out.
 */
const partNames = ['train', 'val', 'test'] as const
type PartName = (typeof partNames)[number]

interface Part {
  name: PartName
  stimulus: ListedObject
  spikes: ListedObject
  objects: ListedObject | null
  /** index of the part's first stimulus in the dataset */
  first: number
  count: number
}

export interface Nx414Stimulus {
  stimulusId: string
  filename: string
  metadata: { object_name?: string; split: PartName }
}

export interface Nx414 {
  responses: OpenResponses
  stimuli: Nx414Stimulus[]
  /** Undoes the normalisation and writes every stimulus as an 8-bit PNG; the warnings tell of what 8 bits could not hold. */
  writePack(path: string, signal?: AbortSignal): Promise<{ packed: PackedImage[]; warnings: string[] }>
}

const mean = [0.485, 0.456, 0.406]
const sd = [0.229, 0.224, 0.225]

const mismatch = (file: string, field: string, expected: string, found: string): VentralError =>
  new VentralError('count-mismatch', `${file}: ${field} is ${found}; expected ${expected}.`, [{ pointer: `${file}: ${field}`, expected, found }])

const checkStimulus = (file: string, stimulus: ListedObject): void => {
  const [, channels, height, width] = stimulus.shape
  const isImages = stimulus.shape.length === 4 && channels === 3 && [height, width].every((side) => side >= 1 && side <= 2048)
  if (!isImages) throw mismatch(file, stimulus.name, '(stimuli, 3, height, width)', `(${stimulus.shape.join(', ')})`)
  if (stimulus.type !== 'float' || ![4, 8].includes(stimulus.size)) {
    throw new VentralError('unsupported-dtype', `${file}: ${stimulus.name} holds ${stimulus.type} of ${stimulus.size} bytes; expected normalised pixels as float32 or float64.`, [
      { pointer: `${file}: ${stimulus.name}`, expected: 'float32 or float64', found: `${stimulus.type} of ${stimulus.size} bytes` },
    ])
  }
}

const findPart = (h5: Hdf5File, name: PartName): Omit<Part, 'first'> | null => {
  const stimulus = h5.objects.get(`stimulus_${name}`)
  const spikes = h5.objects.get(`spikes_${name}`)
  const objects = h5.objects.get(`object_${name}`) ?? h5.objects.get(`objects_${name}`) ?? null
  const file = h5.file.name
  if (spikes === undefined) return null
  if (stimulus === undefined) {
    throw new VentralError('missing-field', `${file} holds ${spikes.name} without stimulus_${name}.`, [{ pointer: `${file}: stimulus_${name}`, expected: 'the images of the responses', found: 'nothing' }])
  }
  checkStimulus(file, stimulus)
  const count = stimulus.shape[0]
  if (spikes.shape.length !== 2 || spikes.shape[0] !== count || spikes.shape[1] < 1) throw mismatch(file, spikes.name, `(${count} stimuli, sites), as ${stimulus.name} has ${count} images`, `(${spikes.shape.join(', ')})`)
  if (objects !== null && (objects.type !== 'string' || objects.shape.length !== 1 || objects.shape[0] !== count)) {
    throw mismatch(file, objects.name, `a list of ${count} names, as ${stimulus.name} has ${count} images`, `${objects.type} (${objects.shape.join(', ')})`)
  }
  return { name, stimulus, spikes, objects, count }
}

const findParts = (h5: Hdf5File): Part[] => {
  let first = 0
  const parts = partNames.flatMap((name) => {
    const part = findPart(h5, name)
    if (part === null || part.count === 0) return []
    first += part.count
    return [{ ...part, first: first - part.count }]
  })
  const file = h5.file.name
  if (parts.length === 0) {
    const found = [...h5.objects.keys()].slice(0, 12).join(', ') || 'nothing'
    throw new VentralError('unsupported-format', `${file} is HDF5 but not of a known layout: expected NX-414's stimulus_train and spikes_train, found ${found}.`, [
      { pointer: file, expected: 'stimulus_train, spikes_train, object_train, ...', found },
    ])
  }
  const [{ spikes, stimulus }] = parts
  for (const part of parts) {
    if (part.spikes.shape[1] !== spikes.shape[1]) throw mismatch(file, part.spikes.name, `${spikes.shape[1]} sites, as ${spikes.name} has`, `${part.spikes.shape[1]} sites`)
    if (part.stimulus.shape.slice(1).join() !== stimulus.shape.slice(1).join()) throw mismatch(file, part.stimulus.name, `images of (${stimulus.shape.slice(1).join(', ')})`, `(${part.stimulus.shape.slice(1).join(', ')})`)
  }
  return parts
}

/** Rows per slab: whole rows of chunks where they fit, so that no chunk is unpacked twice. */
const slabRows = (object: ListedObject, bytes: number): number => {
  const fit = Math.max(1, Math.floor(bytes / rowBytes(object)))
  const chunkRows = object.chunks?.[0] ?? 1
  return chunkRows <= fit ? fit - (fit % chunkRows) : chunkRows * rowBytes(object) <= 2 * bytes ? chunkRows : fit
}

const slabBytes = 24e6

const openSpikes = (h5: Hdf5File, parts: readonly Part[]): OpenResponses => {
  const sites = parts[0].spikes.shape[1]
  const stimuli = parts.reduce((sum, part) => sum + part.count, 0)
  const file = `${h5.file.name}: ${parts.map((part) => part.spikes.name).join(', ')}`
  const readRow = async (values: Float64Array, fromRow: number, toRow: number): Promise<void> => {
    for (const part of parts) {
      const from = Math.max(fromRow, part.first)
      const to = Math.min(toRow, part.first + part.count)
      const step = slabRows(part.spikes, slabBytes)
      for (let row = from; row < to; row += step) {
        const end = Math.min(to, row + step)
        const slab = await h5.numbers(part.spikes.name, row - part.first, end - part.first)
        for (let i = 0; i < slab.length; i++) values[(row - fromRow) * sites + i] = Number(slab[i])
      }
    }
  }
  return {
    file,
    array: {
      file,
      axes: ['stimulus', 'site'],
      shape: [stimuli, sites],
      itemBytes: parts[0].spikes.size,
      read: async (from, count) => {
        const fromRow = Math.floor(from / sites)
        const toRow = Math.ceil((from + count) / sites)
        const values = new Float64Array((toRow - fromRow) * sites)
        await readRow(values, fromRow, toRow)
        return values.subarray(from - fromRow * sites, from - fromRow * sites + count)
      },
    },
    stimulusNames: null,
    siteIds: null,
    regions: null,
    dtype: parts.every(({ spikes }) => spikes.size <= 4 && spikes.type === 'float') ? 'f4' : 'f8',
    axesAssumed: false,
    warnings: [],
    close: () => h5.close(),
  }
}

const listStimuli = async (h5: Hdf5File, parts: readonly Part[]): Promise<Nx414Stimulus[]> => {
  const stimuli: Nx414Stimulus[] = []
  for (const { name, objects, count } of parts) {
    const names = objects === null ? null : await h5.strings(objects.name, 0, count)
    for (let row = 0; row < count; row++) {
      const stimulusId = `${name}_${String(row).padStart(4, '0')}`
      stimuli.push({ stimulusId, filename: `${stimulusId}.png`, metadata: { ...(names === null ? {} : { object_name: names[row].normalize('NFC') }), split: name } })
    }
  }
  return stimuli
}

/** Extremes met while undoing the normalisation, over all stimuli. */
interface PixelRange {
  /** of 255ths: the largest distance to the whole number that was stored */
  deviation: number
  /** of the normalised values */
  low: number
  high: number
}

/** Normalised planes (3, height, width) -> interleaved 8-bit RGB. Values far outside 0..1 were not normalised as stated: refused. */
const toRgb = (planes: ArrayLike<number | bigint>, offset: number, pixels: number, where: string, range: PixelRange): Buffer => {
  const rgb = Buffer.alloc(3 * pixels)
  for (let channel = 0; channel < 3; channel++) {
    for (let i = 0; i < pixels; i++) {
      const normalised = Number(planes[offset + channel * pixels + i])
      const value = (normalised * sd[channel] + mean[channel]) * 255
      // also catches NaN; 8 of 255 leaves room for a resampling that overshoots
      if (!(value >= -8 && value <= 263)) {
        throw new VentralError('invalid-value', `${where} holds ${normalised}, which is no pixel normalised by ImageNet's mean and standard deviation (it would be ${(value / 255).toFixed(3)} of 0 to 1). Check how the stimuli were written.`, [
          { pointer: where, expected: '(pixel - mean) / sd with pixels of 0 to 1', found: String(normalised) },
        ])
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

const pixelWarnings = ({ deviation, low, high }: PixelRange, file: string): string[] => [
  // float32 itself is off by 1e-4 at most
  ...(deviation > 0.01 ? [`${file}: the stimuli are no 8-bit images: stored as 8-bit PNG, a pixel deviates by up to ${deviation.toFixed(2)} of 255 from the file.`] : []),
  ...(low >= 0 && high <= 1 ? [`${file}: all stimulus values lie between 0 and 1. They look like pixels that were never normalised; the images shown here would then be wrong.`] : []),
]

const encodePng = (rgb: Buffer, width: number, height: number): Promise<Buffer> => sharp(rgb, { raw: { width, height, channels: 3 } }).png({ compressionLevel: 4, adaptiveFiltering: false }).toBuffer()

const writePack = async (h5: Hdf5File, parts: readonly Part[], path: string, signal?: AbortSignal): Promise<{ packed: PackedImage[]; warnings: string[] }> => {
  const writer = await openPackWriter(path)
  const range: PixelRange = { deviation: 0, low: Infinity, high: -Infinity }
  const packed: PackedImage[] = []
  try {
    for (const { name, stimulus, count } of parts) {
      const [, , height, width] = stimulus.shape
      const step = slabRows(stimulus, slabBytes)
      for (let row = 0; row < count; row += step) {
        throwIfAborted(signal)
        const rows = Math.min(step, count - row)
        const slab = await h5.numbers(stimulus.name, row, row + rows) // (rows x 3 x height x width)
        const encoded = Array.from({ length: rows }, (_, i) => encodePng(toRgb(slab, i * 3 * height * width, height * width, `${h5.file.name}: ${stimulus.name}, row ${row + i}`, range), width, height))
        for (const [i, png] of (await Promise.all(encoded)).entries()) packed.push(await writer.append(`${h5.file.name}: ${name} ${row + i}`, [png]))
      }
    }
  } finally {
    await writer.close()
  }
  return { packed, warnings: pixelWarnings(range, h5.file.name) }
}

/** Whether an HDF5 file has NX-414's names. */
export const isNx414 = (h5: Hdf5File): boolean => partNames.some((name) => h5.objects.has(`spikes_${name}`) || h5.objects.has(`stimulus_${name}`))

/** Opens NX-414's file. Errors: unsupported-format, missing-field, count-mismatch, unsupported-dtype. Closing the responses closes the file. */
export const openNx414 = async (h5: Hdf5File): Promise<Nx414> => {
  const parts = findParts(h5)
  const responses = openSpikes(h5, parts)
  const leftOut = partNames.filter((name) => h5.objects.has(`stimulus_${name}`) && !parts.some((part) => part.name === name))
  const warnings = leftOut.map((name) => `${h5.file.name}: stimulus_${name} has no spikes_${name}; its ${h5.objects.get(`stimulus_${name}`)!.shape[0]} images were left out.`)
  return { responses: { ...responses, warnings }, stimuli: await listStimuli(h5, parts), writePack: (path, signal) => writePack(h5, parts, path, signal) }
}
