import type { Rdm } from '../../encoding/rsa/rdm.ts'
import { rdmOfSquare, squareOf } from '../../encoding/rsa/rdm.ts'
import { decodeNpy, decodeNpyText, encodeNpy } from '../../numerics/npy.ts'
import { decodeNpz, streamNpz } from '../../numerics/npz.ts'
import type { MadeRdm } from './make-rdm.ts'

/** Values and labels of a stored RDM. */
export interface RdmValues {
  labels: string[]
  images: string[] | null
  rdm: Rdm
  percentiles: Rdm
  animals: { animal: string; rdm: Rdm }[]
}

const square = (rdm: Rdm, diagonal: number): Uint8Array => {
  const { rows, data } = squareOf(rdm)
  for (let i = 0; i < rows; i++) data[i * rows + i] = diagonal
  return encodeNpy(data, [rows, rows])
}

/**
 * The file that is stored and downloaded: `rdm` (row x row, 0 on the diagonal), `percentile` (row x row, NaN on the diagonal), `stimulus_id` or,
 * of values of a column, `label`; `image_sha256` where rows are images; `animal_id` and `animal_rdm` (animal x pair i < j, row by row).
 */
export const encodeRdmFile = ({ summary, card, rdm, percentiles, animals, images }: MadeRdm): AsyncIterable<Uint8Array> => {
  const { labels } = card
  const pairs = rdm.values.length
  const ofAnimals = new Float64Array(animals.length * pairs)
  animals.forEach((animal, a) => ofAnimals.set(animal.rdm.values, a * pairs))
  return streamNpz({
    [summary.by === 'stimulus' ? 'stimulus_id' : 'label']: encodeNpy(labels, [labels.length]),
    rdm: square(rdm, 0),
    percentile: square(percentiles, NaN),
    ...(images === null ? {} : { image_sha256: encodeNpy(images, [images.length]) }),
    ...(animals.length === 0 ? {} : { animal_id: encodeNpy(animals.map(({ animal }) => animal), [animals.length]), animal_rdm: encodeNpy(ofAnimals, [animals.length, pairs]) }),
  })
}

/** Reads what encodeRdmFile wrote. */
export const decodeRdmFile = async (bytes: Uint8Array): Promise<RdmValues> => {
  const files = await decodeNpz(bytes, 'a stored RDM', { maxBytes: 2 ** 33 })
  const texts = (name: string): string[] | null => (files.has(name) ? decodeNpyText(files.get(name)!, name).values : null)
  const triangle = (name: string): Rdm => {
    const { shape, data } = decodeNpy(files.get(name)!, name)
    return rdmOfSquare({ rows: shape[0], cols: shape[1], data })
  }
  const rdm = triangle('rdm')
  const pairs = rdm.values.length
  const ofAnimals = files.has('animal_rdm') ? decodeNpy(files.get('animal_rdm')!, 'animal_rdm').data : new Float64Array(0)
  return {
    labels: (texts('stimulus_id') ?? texts('label'))!,
    images: texts('image_sha256'),
    rdm,
    percentiles: triangle('percentile'),
    animals: (texts('animal_id') ?? []).map((animal, a) => ({ animal, rdm: { n: rdm.n, values: ofAnimals.slice(a * pairs, (a + 1) * pairs) } })),
  }
}
