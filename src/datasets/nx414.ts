import { VentralError } from '../domain/errors.ts'
import { throwIfAborted } from '../domain/progress.ts'
import { maxSlabBytes, rowBytes } from './hdf5/client.ts'
import type { Hdf5File } from './hdf5/client.ts'
import type { ListedObject } from './hdf5/protocol.ts'
import { encodePng, pixelWarnings, toRgb } from './normalised-pixels.ts'
import type { PixelRange } from './normalised-pixels.ts'
import { nothingImplied } from './responses.ts'
import type { ImageSource, OpenResponses } from './responses.ts'
import { openPackWriter } from './stimuli-pack.ts'
import type { PackedImage } from './stimuli-pack.ts'
import type { StoredArray } from './canonical-blocks.ts'

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

const mismatch = (file: string, field: string, expected: string, found: string): VentralError =>
  new VentralError('count-mismatch', `${file}: ${field} is ${found}; expected ${expected}.`, [{ pointer: `${file}: ${field}`, expected, found }])

const checkStimulus = (file: string, stimulus: ListedObject): void => {
  const [, channels, height, width] = stimulus.shape
  const isImages = stimulus.shape.length === 4 && channels === 3 && [height, width].every((side) => side >= 1 && side <= 1024)
  if (!isImages) throw mismatch(file, stimulus.name, '(stimuli, 3, height, width) with sides of at most 1024', `(${stimulus.shape.join(', ')})`)
  if (stimulus.type !== 'float' || ![4, 8].includes(stimulus.size)) {
    throw new VentralError(
      'unsupported-dtype',
      `${file}: ${stimulus.name} holds ${stimulus.type} of ${stimulus.size} bytes; expected normalised pixels as float32 or float64.`,
      [{ pointer: `${file}: ${stimulus.name}`, expected: 'float32 or float64', found: `${stimulus.type} of ${stimulus.size} bytes` }],
    )
  }
}

const findPart = (h5: Hdf5File, name: PartName): Omit<Part, 'first'> | null => {
  const stimulus = h5.objects.get(`stimulus_${name}`)
  const spikes = h5.objects.get(`spikes_${name}`)
  const objects = h5.objects.get(`object_${name}`) ?? h5.objects.get(`objects_${name}`) ?? null
  const file = h5.file.name
  if (spikes === undefined) return null
  if (stimulus === undefined) {
    throw new VentralError('missing-field', `${file} holds ${spikes.name} without stimulus_${name}.`, [
      { pointer: `${file}: stimulus_${name}`, expected: 'the images of the responses', found: 'nothing' },
    ])
  }
  checkStimulus(file, stimulus)
  const count = stimulus.shape[0]
  if (spikes.shape.length !== 2 || spikes.shape[0] !== count || spikes.shape[1] < 1)
    throw mismatch(file, spikes.name, `(${count} stimuli, sites), as ${stimulus.name} has ${count} images`, `(${spikes.shape.join(', ')})`)
  if (objects !== null && (objects.type !== 'string' || objects.shape.length !== 1 || objects.shape[0] !== count)) {
    throw mismatch(file, objects.name, `a list of ${count} names, as ${stimulus.name} has ${count} images`, `${objects.type} (${objects.shape.join(', ')})`)
  }
  if (rowBytes(spikes) > maxSlabBytes) throw mismatch(file, spikes.name, 'a bearable number of sites', `(${spikes.shape.join(', ')})`)
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
    throw new VentralError(
      'unsupported-format',
      `${file} is HDF5 but not of a known layout: expected NX-414's stimulus_train and spikes_train, a NetCDF-4 assembly, NWB or MATLAB; found ${found}.`,
      [{ pointer: file, expected: 'stimulus_train, spikes_train, object_train, ...', found }],
    )
  }
  const [{ spikes, stimulus }] = parts
  for (const part of parts) {
    if (part.spikes.shape[1] !== spikes.shape[1])
      throw mismatch(file, part.spikes.name, `${spikes.shape[1]} sites, as ${spikes.name} has`, `${part.spikes.shape[1]} sites`)
    if (part.stimulus.shape.slice(1).join() !== stimulus.shape.slice(1).join())
      throw mismatch(file, part.stimulus.name, `images of (${stimulus.shape.slice(1).join(', ')})`, `(${part.stimulus.shape.slice(1).join(', ')})`)
  }
  return parts
}

/** Rows per slab: whole rows of chunks where they fit, so that no chunk is unpacked twice. */
const slabRows = (object: ListedObject, bytes: number): number => {
  const fit = Math.max(1, Math.floor(bytes / rowBytes(object)))
  const chunkRows = object.chunks?.[0] ?? 1
  return chunkRows <= fit ? fit - (fit % chunkRows) : chunkRows * rowBytes(object) <= 2 * bytes ? chunkRows : fit
}

const slabBytes = 12e6

/** The spikes of all parts, one behind the other, as one array (stimulus x site). */
const spikesArray = (h5: Hdf5File, parts: readonly Part[]): StoredArray => {
  const file = h5.file.name
  const [, sites] = parts[0].spikes.shape
  const readRows = async (values: Float64Array, fromRow: number, toRow: number): Promise<void> => {
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
    axes: ['stimulus', 'site'],
    shape: [parts.reduce((sum, part) => sum + part.count, 0), sites],
    itemBytes: parts[0].spikes.size,
    read: async (from, count) => {
      const fromRow = Math.floor(from / sites)
      const toRow = Math.ceil((from + count) / sites)
      const values = new Float64Array((toRow - fromRow) * sites)
      await readRows(values, fromRow, toRow)
      return values.subarray(from - fromRow * sites, from - fromRow * sites + count)
    },
  }
}

const listImages = async (h5: Hdf5File, parts: readonly Part[]): Promise<ImageSource['images']> => {
  const images: ImageSource['images'] = []
  for (const { name, objects, count } of parts) {
    const names = objects === null ? null : await h5.strings(objects.name, 0, count)
    for (let row = 0; row < count; row++) {
      const path = `${name}_${String(row).padStart(4, '0')}.png`
      images.push({ path, baseName: path, metadata: { ...(names === null ? {} : { object_name: names[row].normalize('NFC') }), split: name } })
    }
  }
  return images
}

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
        const encoded = Array.from({ length: rows }, (_, i) =>
          encodePng(toRgb(slab, i * 3 * height * width, height * width, `${h5.file.name}: ${stimulus.name}, row ${row + i}`, range), width, height),
        )
        for (const [i, png] of (await Promise.all(encoded)).entries()) packed.push(await writer.append(`${h5.file.name}: ${name} ${row + i}`, [png]))
      }
    }
  } finally {
    await writer.close()
  }
  return { packed, warnings: pixelWarnings(range, h5.file.name) }
}

/**
 * Opens NX-414's file as responses with their own images. Its windows, region and unit (firing rates) are the format's, unless the user
 * states others. Errors: unsupported-format, missing-field, count-mismatch, unsupported-dtype. Closing the responses closes the file.
 */
export const openNx414 = async (h5: Hdf5File): Promise<OpenResponses> => {
  const parts = findParts(h5)
  const file = h5.file.name
  const images = await listImages(h5, parts)
  const leftOut = partNames.filter((name) => h5.objects.has(`stimulus_${name}`) && !parts.some((part) => part.name === name))
  return {
    ...nothingImplied,
    reader: 'nx414',
    file,
    axes: ['stimulus', 'site'],
    array: spikesArray(h5, parts),
    stimulusNames: { file, stimulusIds: images.map(({ path }) => path.slice(0, -'.png'.length)), filenames: images.map(({ path }) => path) },
    siteIds: null,
    dtype: parts.every(({ spikes }) => spikes.type === 'float' && spikes.size === 4) ? 'f4' : 'f8',
    axesAssumed: false,
    impliedUnit: 'spikes/s',
    impliedRegion: 'IT',
    timeBins: [{ startMs: 70, endMs: 170 }],
    images: {
      name: file,
      images,
      metadataColumns: [...(parts.some(({ objects }) => objects !== null) ? ['object_name'] : []), 'split'],
      writePack: (order, path, signal) => {
        // the responses carry the images' names, so pairing has nothing to move
        if (!order.every((image, row) => image === row)) throw new Error('the images of an NX-414 file lie in the order of its spikes')
        return writePack(h5, parts, path, signal)
      },
    },
    warnings: leftOut.map(
      (name) => `${file}: stimulus_${name} has no spikes_${name}; its ${h5.objects.get(`stimulus_${name}`)!.shape[0]} images were left out.`,
    ),
    close: () => h5.close(),
  }
}
