import { VentralError } from '../../domain/errors.ts'
import type { LayerGraph } from '../graph.ts'

/** A user's own ONNX model is of ONNX's operators, which only the first engine has. VentralError invalid-value. */
export const refuseGiven = (graph: LayerGraph): void => {
  if (graph.given === undefined) return
  throw new VentralError('invalid-value', `${graph.id} is a model of your own: the engine "tfjs" computes the backbones that are built in. Use the engine "onnx".`, [
    { pointer: '/engine', expected: 'onnx', found: 'tfjs' },
  ])
}
