import type { DimensionProto, GraphProto, ValueInfoProto } from '../../numerics/onnx/schema.ts'
import { dataTypes } from '../../numerics/onnx/schema.ts'
import { broken, some, unfit } from './refusals.ts'
import { dataTypeName } from './tensors.ts'

/** The input as the file states it; null: free. */
export interface ImageInput {
  name: string
  batch: number | null
  side: number | null
}

const EXPECTED = 'one float32 input of n x 3 x S x S'

const extent = ({ dimValue, dimParam }: DimensionProto): number | null => (dimValue !== undefined && dimValue > 0 && !dimParam ? dimValue : null)
const text = (dims: readonly (number | null)[]): string => dims.map((side) => side ?? '?').join(' x ')

/** The one image that a model takes. `given`: names that tensors have, which older files list among the inputs. VentralError unsupported-format. */
export const imageInput = ({ input = [] }: GraphProto, given: ReadonlySet<string>, where: string): ImageInput => {
  const inputs = input.filter(({ name = '' }) => !given.has(name))
  if (inputs.length === 0) throw broken(where, 'it has no input')
  if (inputs.length > 1) throw unfit(where, `takes ${inputs.length} inputs (${some(inputs.map(({ name = '' }) => name))})`, 'A backbone takes an image and nothing else: export the part that sees the image.', EXPECTED)
  return oneImage(inputs[0], where)
}

const oneImage = ({ name = '', type }: ValueInfoProto, where: string): ImageInput => {
  if (name === '' || type?.tensorType === undefined) throw broken(where, 'its input is no tensor with a name')
  const { elemType, shape } = type.tensorType
  if (elemType !== dataTypes.float32)
    throw unfit(where, `takes an image of ${dataTypeName(elemType)}`, 'Ventral gives float32: export the model in float32 (before any conversion to half precision).', EXPECTED)
  if (shape?.dim === undefined || shape.dim.length === 0) return { name, batch: null, side: null }
  const dims = shape.dim.map(extent)
  if (dims.length !== 4) throw unfit(where, `takes an input of ${dims.length} axes (${text(dims)})`, 'An image has four: images, channels, rows, columns.', EXPECTED)
  const [batch, channels, rows, columns] = dims
  if (channels !== 3 && channels !== null) {
    if (columns === 3) throw unfit(where, `takes images with the channels last (${text(dims)})`, 'Export it with the channels first (tf2onnx: --inputs-as-nchw).', EXPECTED)
    throw unfit(where, `takes images of ${channels} channels (${text(dims)})`, 'Images here are RGB.', EXPECTED)
  }
  if (rows !== null && columns !== null && rows !== columns) throw unfit(where, `takes oblong images (${text(dims)})`, 'Images are resized to a square: export it for a square input.', EXPECTED)
  return { name, batch, side: rows ?? columns }
}
