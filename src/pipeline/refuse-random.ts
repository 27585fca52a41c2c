import type { LayerGraph } from '../models/graph.ts'
import { invalid } from './refusals.ts'

/** Refuses random weights of a user's own model: its file has weights, and no rule by which its parameters begin. */
export const refuseRandom = ({ id, given }: Pick<LayerGraph, 'id' | 'given'>, { weights, seed = 0 }: { weights?: string; seed?: number }, pointer = ''): void => {
  if (given === undefined) return
  const advice = 'Export the network before its training, and add it as a backbone of its own.'
  if (weights === 'random') throw invalid(`${pointer}/weights`, '"pretrained" or "sha256:…"', weights, `How the parameters of ${id} are initialised is not in its file, so that there are no random weights of it. ${advice}`)
  if (seed !== 0) throw invalid(`${pointer}/seed`, 'left out', seed, `A seed means nothing for ${id}: its weights are those of its file.`)
}

/** The same for the control of random weights. */
export const refuseRandomControl = ({ id, given }: Pick<LayerGraph, 'id' | 'given'>, pointer: string): void => {
  if (given === undefined) return
  throw invalid(pointer, '"pixels"', 'random', `How the parameters of ${id} are initialised is not in its file, so that there is no control of random weights. Export the network before its training, add it as a backbone of its own, and compare the two fits.`)
}
