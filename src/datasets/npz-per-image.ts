import { buffer } from 'node:stream/consumers'
import path from 'node:path'
import { VentralError } from '../domain/errors.ts'
import { throwIfAborted } from '../domain/progress.ts'
import { decodeNpy, openNpyWriter, readNpyHeader } from '../numerics/npy.ts'
import type { NpyWriter } from '../numerics/npy.ts'
import { decodeNpz } from '../numerics/npz.ts'
import { alignRows } from './align-rows.ts'
import type { CanonicalLayer } from './canonical-activations.ts'
import { quoted, reportFullDisk, some } from './source-file.ts'
import { stemOf } from './stimulus-names.ts'
import type { ZipArchive, ZipEntry } from './zip.ts'

/** What one image's archive may unpack to. */
const maxImageBytes = 1e9

const isNpz = ({ baseName }: ZipEntry): boolean => baseName.endsWith('.npz')

/** Whether a zip holds an .npz per image, as Net2Brain writes them. */
export const isNpzPerImage = ({ entries }: ZipArchive): boolean => entries.some(isNpz) && entries.every((entry) => isNpz(entry) || !entry.baseName.endsWith('.npy'))

interface LayerArray {
  /** without the axis of the single image */
  shape: number[]
  data: Float64Array
  single: boolean
}

/** The layers in one image's archive. */
const readImage = async (zip: ZipArchive, entry: ZipEntry): Promise<Map<string, LayerArray>> => {
  const where = `${zip.file.name}: ${entry.path}`
  const files = await decodeNpz(await buffer(zip.read(entry)), where, { maxBytes: maxImageBytes })
  const layers = new Map<string, LayerArray>()
  for (const [name, bytes] of files) {
    const { kind, itemSize } = readNpyHeader(bytes, `${where}: ${name}`)
    if (kind === 'U' || kind === 'S') continue
    const { shape, data } = decodeNpy(bytes, `${where}: ${name}`)
    const ownShape = shape.length > 1 && shape[0] === 1 ? shape.slice(1) : [...shape]
    if (ownShape.length === 0 || data.length === 0)
      throw new VentralError('count-mismatch', `${where}: ${name} has the shape (${shape.join(', ')}); expected units or C, H, W of one image.`, [{ pointer: `${where}: ${name}`, expected: '(units) or (C, H, W)', found: `(${shape.join(', ')})` }])
    const wrong = data.findIndex((value) => !Number.isFinite(value))
    if (wrong >= 0)
      throw new VentralError('non-finite-activations', `${where}: ${name} holds ${data[wrong]} at unit ${wrong} (counted from 0). Activations must be finite numbers.`, [{ pointer: `${where}: ${name}`, expected: 'a finite number', found: String(data[wrong]) }])
    layers.set(name.normalize('NFC'), { shape: ownShape, data, single: kind === 'f' && itemSize <= 4 })
  }
  return layers
}

const sameLayers = (where: string, found: ReadonlyMap<string, LayerArray>, layers: ReadonlyMap<string, LayerArray>): void => {
  for (const [name, { shape }] of layers) {
    const own = found.get(name)
    if (own?.shape.join() === shape.join() && found.size === layers.size) continue
    throw new VentralError('count-mismatch', `${where} has ${own === undefined ? `no layer ${quoted(name)}` : found.size === layers.size ? `${name} of (${own.shape.join(', ')})` : `${found.size} layers`}; the first image has ${some([...layers.keys()], 6)}, ${name} of (${shape.join(', ')}).`, [
      { pointer: `${where}: ${name}`, expected: `(${shape.join(', ')})`, found: own === undefined ? 'nothing' : `(${own.shape.join(', ')})` },
    ])
  }
}

/**
 * Reads activations of one .npz per image, named like the stimulus, an array per layer; into the stored form, an image at a time.
 * Errors: count-mismatch (other images than the dataset's, other layers than the first image's), non-finite-activations, those of .npz.
 */
export const readNpzPerImage = async (zip: ZipArchive, { stimulusIds, workFolder, signal }: { stimulusIds: readonly string[]; workFolder: string; signal?: AbortSignal }): Promise<CanonicalLayer[]> => {
  const entries = zip.entries.filter(isNpz)
  const order = alignRows({ file: zip.file.name, given: entries.map(({ baseName }) => stemOf(baseName)), stimulusIds })
  const layers = await readImage(zip, entries[order[0]])
  if (layers.size === 0) throw new VentralError('missing-field', `${zip.file.name}: ${entries[order[0]].path} holds no array of numbers.`, [{ pointer: entries[order[0]].path, expected: 'an array per layer', found: 'nothing' }])
  const written: { layer: CanonicalLayer; writer: NpyWriter }[] = []
  try {
    for (const [i, [name, { shape, data, single }]] of [...layers].entries()) {
      const layer: CanonicalLayer = { name, path: path.join(workFolder, `layer-${i}.npy`), shape, units: data.length, type: single ? 'f4' : 'f8' }
      written.push({ layer, writer: await openNpyWriter(layer.path, shape, layer.type) })
    }
    for (const row of order) {
      throwIfAborted(signal)
      const found = await readImage(zip, entries[row])
      sameLayers(`${zip.file.name}: ${entries[row].path}`, found, layers)
      for (const { layer, writer } of written) await reportFullDisk(() => writer.append(found.get(layer.name)!.data))
    }
    for (const { writer } of written) await reportFullDisk(() => writer.close())
    return written.map(({ layer }) => layer)
  } finally {
    for (const { writer } of written) await writer.discard()
  }
}
