import fs from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { VentralError } from '../domain/errors.ts'
import { openNpy } from '../numerics/npy.ts'
import type { NpyFile } from '../numerics/npy.ts'
import { compareCodePoints } from './natural-order.ts'
import { nothingImplied } from './responses.ts'
import type { ImageSource, OpenResponses } from './responses.ts'
import { quoted, reportFullDisk } from './source-file.ts'
import type { SourceFile } from './source-file.ts'
import { packStimuli } from './stimuli-pack.ts'
import { openZip } from './zip.ts'
import type { ZipArchive, ZipEntry, ZipLimits } from './zip.ts'

/**
 * A subject of the Algonauts 2023 challenge as a zip: `training_fmri/{lh,rh}_training_fmri.npy` (image x vertex) and
 * `training_images/train-0001_nsd-00013.png`, ..., an image per row. Other images (those of the test part) have no responses.
 */
const hemispheres = ['lh', 'rh'] as const
const imageName = /^train-(\d+)_nsd-(\d+)\.(png|jpe?g)$/i
const limits: ZipLimits = { entries: 200_000, entryBytes: 64e9, totalBytes: 64e9, ratio: 200, ratioFloor: 1e9 }

const isFmri = ({ baseName }: ZipEntry): boolean => hemispheres.some((side) => baseName === `${side}_training_fmri.npy`)

/** Whether a zip is of this layout. Errors: those of openZip. */
export const isAlgonauts = async (file: SourceFile): Promise<boolean> => {
  const zip = await openZip(file, limits)
  zip.close()
  return zip.entries.some(isFmri)
}

const mismatch = (detail: string, pointer: string, expected: string, found: string): VentralError => new VentralError('count-mismatch', detail, [{ pointer, expected, found }])

const openSide = async (zip: ZipArchive, entry: ZipEntry, workFolder: string, signal?: AbortSignal): Promise<NpyFile> => {
  const where = `${zip.file.name}: ${entry.path}`
  const unpacked = path.join(workFolder, entry.baseName)
  await reportFullDisk(() => pipeline(zip.read(entry), fs.createWriteStream(unpacked, { flags: 'wx' }), { signal }))
  const npy = await openNpy(unpacked, where)
  const { shape } = npy.header
  if (shape.length === 2 && shape[0] > 0 && shape[1] > 0) return npy
  await npy.close()
  throw mismatch(`${where} has the shape (${shape.join(', ')}); expected (images, vertices).`, where, '(images, vertices)', `(${shape.join(', ')})`)
}

const openSides = async (zip: ZipArchive, workFolder: string, signal?: AbortSignal): Promise<{ side: string; npy: NpyFile }[]> => {
  const opened: { side: string; npy: NpyFile }[] = []
  try {
    for (const side of hemispheres) {
      const entries = zip.entries.filter(({ baseName }) => baseName === `${side}_training_fmri.npy`)
      if (entries.length > 1) throw mismatch(`${zip.file.name} holds ${entries[0].path} and ${entries[1].path}: pack one subject at a time.`, zip.file.name, 'one subject', `${entries.length}`)
      if (entries.length === 1) opened.push({ side, npy: await openSide(zip, entries[0], workFolder, signal) })
    }
    const [first, second] = opened
    if (second !== undefined && first.npy.header.shape[0] !== second.npy.header.shape[0])
      throw mismatch(`${zip.file.name}: the hemispheres have ${first.npy.header.shape[0]} and ${second.npy.header.shape[0]} images.`, zip.file.name, 'as many in both', `${first.npy.header.shape[0]} and ${second.npy.header.shape[0]}`)
    return opened
  } catch (error) {
    for (const { npy } of opened) await npy.close()
    throw error
  }
}

/** The training images in the order of the rows, which their numbers must say. */
const findImages = (zip: ZipArchive, rows: number): ZipEntry[] => {
  const images = zip.entries.filter(({ baseName }) => imageName.test(baseName)).sort((a, b) => compareCodePoints(a.baseName, b.baseName))
  if (images.length !== rows)
    throw mismatch(`${zip.file.name} holds ${images.length} training images (train-0001_nsd-00013.png) and ${rows} rows of responses. They must be equal.`, `${zip.file.name}: training_images`, `${rows} images`, `${images.length}`)
  const wrong = images.findIndex(({ baseName }, i) => Number(imageName.exec(baseName)![1]) !== i + 1)
  if (wrong >= 0)
    throw mismatch(`${zip.file.name}: row ${wrong + 1} of the responses belongs to train-${String(wrong + 1).padStart(4, '0')}, and ${quoted(images[wrong].baseName)} lies in its place.`, `${zip.file.name}: training_images`, `train-${String(wrong + 1).padStart(4, '0')}`, images[wrong].baseName)
  return images
}

const imageSource = (zip: ZipArchive, images: readonly ZipEntry[]): ImageSource => ({
  name: zip.file.name,
  images: images.map(({ path: name, baseName }) => ({ path: name, baseName, metadata: { nsd_id: imageName.exec(baseName)![2] } })),
  metadataColumns: ['nsd_id'],
  writePack: async (order, target, signal) => ({ packed: await packStimuli(zip, order.map((i) => images[i]), target, signal), warnings: [] }),
})

/**
 * Opens a subject of Algonauts 2023 as responses with their images; sites are the vertices, left hemisphere first. Errors: count-mismatch,
 * those of .npy and zip. Closing the responses closes the zip.
 */
export const openAlgonauts = async (file: SourceFile, workFolder: string, signal?: AbortSignal): Promise<OpenResponses> => {
  const zip = await openZip(file, limits)
  try {
    const sides = await openSides(zip, workFolder, signal)
    const close = async (): Promise<void> => {
      for (const { npy } of sides) await npy.close()
      zip.close()
    }
    try {
      const rows = sides[0].npy.header.shape[0]
      const images = findImages(zip, rows)
      const widths = sides.map(({ npy }) => npy.header.shape[1])
      const width = widths.reduce((a, b) => a + b, 0)
      const read = async (from: number, count: number): Promise<Float64Array> => {
        const [first, last] = [Math.floor(from / width), Math.ceil((from + count) / width)]
        const values = new Float64Array((last - first) * width) // (image x vertex of both sides)
        let left = 0
        for (const [s, { npy }] of sides.entries()) {
          const part = await npy.rows(first, last)
          for (let row = 0; row < last - first; row++) values.set(part.subarray(row * widths[s], (row + 1) * widths[s]), row * width + left)
          left += widths[s]
        }
        return values.subarray(from - first * width, from - first * width + count)
      }
      return {
        ...nothingImplied,
        reader: 'algonauts',
        file: file.name,
        axes: ['stimulus', 'site'],
        array: { file: file.name, axes: ['stimulus', 'site'], shape: [rows, width], itemBytes: 8, read },
        stimulusNames: { file: file.name, stimulusIds: images.map(({ baseName }) => baseName.replace(/\.[^.]*$/, '')), filenames: images.map(({ path: name }) => name) },
        siteIds: sides.flatMap(({ side }, s) => Array.from({ length: widths[s] }, (_, i) => `${side}-${String(i + 1).padStart(String(widths[s]).length, '0')}`)),
        siteMetadata: sides.flatMap(({ side }, s) => Array.from({ length: widths[s] }, () => ({ hemisphere: side }))),
        dtype: sides.every(({ npy: { header } }) => header.kind === 'f' && header.itemSize <= 4) ? 'f4' : 'f8',
        axesAssumed: false,
        images: imageSource(zip, images),
        warnings: sides.length === 1 ? [`${file.name} holds the ${sides[0].side} hemisphere only.`] : [],
        close,
      }
    } catch (error) {
      await close()
      throw error
    }
  } catch (error) {
    zip.close()
    throw error
  }
}
