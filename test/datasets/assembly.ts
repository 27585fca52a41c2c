import path from 'node:path'
import h5wasm from 'h5wasm/node'
import type { Dataset } from 'h5wasm/node'
import { sourceFile } from '../../src/datasets/source-file.ts'
import type { SourceFile } from '../../src/datasets/source-file.ts'

type Values = Float32Array | Float64Array | Int16Array | Int32Array | string[]

export interface AssemblyContent {
  /** of the variable of responses */
  name?: string
  data: { dimensions: string[]; values: Values; chunks?: number[]; attributes?: Record<string, Values> }
  sizes: Record<string, number>
  coordinates: Record<string, { dimension: string; values: Values }>
}

await h5wasm.ready

/** Writes a small assembly as the netCDF-4 library does: dimensions as scales attached to each axis, the coordinates' names in an attribute. */
export const writeAssembly = (folder: string, fileName: string, { name = 'data', data, sizes, coordinates }: AssemblyContent): SourceFile => {
  const file = path.join(folder, fileName)
  const h5 = new h5wasm.File(file, 'w')
  for (const [dimension, size] of Object.entries(sizes)) {
    const scale = h5.create_dataset({ name: dimension, data: new Float32Array(size) })
    scale.make_scale(`This is a netCDF dimension but not a netCDF variable.${String(size).padStart(10)}`)
  }
  const write = (variable: string, values: Values, dimensions: string[], chunks?: number[]): Dataset => {
    const shape = dimensions.map((dimension) => sizes[dimension])
    const dataset = h5.create_dataset({ name: variable, data: values, shape, ...(chunks === undefined ? {} : { chunks, compression: 'gzip' as const }) })
    dimensions.forEach((dimension, i) => dataset.attach_scale(i, dimension))
    return dataset
  }
  const responses = write(name, data.values, data.dimensions, data.chunks)
  responses.create_attribute('coordinates', Object.keys(coordinates).join(' '))
  for (const [attribute, value] of Object.entries(data.attributes ?? {})) responses.create_attribute(attribute, value)
  for (const [coordinate, { dimension, values }] of Object.entries(coordinates)) write(coordinate, values, [dimension])
  h5.close()
  return sourceFile(file)
}
