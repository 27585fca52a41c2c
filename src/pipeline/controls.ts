import type { FitScores, LayerScores } from '../domain/fit-scores.ts'
import type { SelectBy } from '../domain/fit.ts'
import { outerScore } from '../encoding/selection.ts'
import { isJoint } from './bands.ts'
import type { Division, LayerResult } from './condition.ts'
import { pixelDifferences, randomDifferences } from './differences.ts'
import type { layerDifferences } from './differences.ts'
import { fitNetworks } from './fit-all-layers.ts'
import { networksOf } from './fit-networks.ts'
import type { FitRun } from './fit-run.ts'

type RandomControl = NonNullable<FitScores['controls']['random']>

/** Mean and range over seeds of each layer's headline score, and its difference to the fit's own, seed by seed. */
export const summariseSeeds = (layers: LayerScores[], seeds: RandomControl['seeds'], selectBy: SelectBy): RandomControl['summary'] =>
  layers.map((own, k) => {
    const score = outerScore(own, selectBy)
    const scores = seeds.map((seed) => outerScore(seed.layers[k], selectBy))
    const defined = scores.filter((value) => value !== null)
    return {
      layer: own.layer,
      mean: defined.length === 0 ? null : defined.reduce((a, b) => a + b, 0) / defined.length,
      range: defined.length === 0 ? null : [Math.min(...defined), Math.max(...defined)],
      differences: scores.map((value) => (value === null || score === null ? null : score - value)),
    }
  })

/** The controls on the fit's own split, and how far each layer lies over them. */
export const runControls = async (run: FitRun, division: Division, layers: LayerResult[]): Promise<{ controls: FitScores['controls']; differences: ReturnType<typeof layerDifferences> }> => {
  const { request, onProgress } = run
  const controls: FitScores['controls'] = {}
  const differences: ReturnType<typeof layerDifferences> = []
  for (const control of request.controls) {
    const of = (what: string): FitRun => ({ ...run, onProgress: (progress) => onProgress({ ...progress, stage: `${what}: ${progress.stage}` }) })
    if (control.name === 'pixels') {
      const pixels = { name: null, backbone: 'pixels', weights: 'random' as const, seed: 0, layers: ['pixels'], pooling: control.pooling }
      const { results: [results] } = await fitNetworks(of('pixels'), [pixels], [division]) // prettier-ignore
      controls.pixels = { layers: results.map((result) => result.scores) }
      differences.push(...pixelDifferences(layers, results[0]))
    } else {
      // A joint mapping is compared with the same one on random weights of all its networks.
      const networks = isJoint(request.mapping) ? networksOf(request) : networksOf(request).slice(0, 1)
      const seeds = []
      for (const seed of control.seeds) {
        const { results: [results] } = await fitNetworks(of(`random, seed ${seed}`), networks.map((network) => ({ ...network, weights: 'random' as const, seed })), [division]) // prettier-ignore
        seeds.push({ seed, layers: results.map((result) => result.scores) })
        differences.push(...randomDifferences(layers, seed, results))
      }
      controls.random = { seeds, summary: summariseSeeds(layers.map(({ scores }) => scores), seeds, request.selectBy) }
    }
  }
  return { controls, differences }
}
