import fs from 'node:fs/promises'
import { decodeModel } from '../../numerics/onnx/schema.ts'
import type { ParamSpec } from '../graph.ts'
import { fileName } from './name-values.ts'
import { fileTensors } from './read-model.ts'
import { broken, quoted } from './refusals.ts'
import { toFloats } from './tensors.ts'

/** The weights of a user's model from its file, by their names in the graph. VentralError damaged-file where the file is not the one that was inspected. */
export const readGivenParams = async (file: string, params: readonly Pick<ParamSpec, 'name'>[], where: string): Promise<Map<string, Float32Array>> => {
  const tensors = fileTensors(decodeModel(await fs.readFile(file), where), where)
  return new Map(
    params.map(({ name }) => {
      const tensor = tensors.get(fileName(name))
      if (tensor === undefined) throw broken(where, `${quoted(fileName(name))} is not in it`)
      return [name, toFloats(tensor)]
    }),
  )
}
