// A fit of so many stimuli that no Gram matrix holds them: statistics of fold cells on reduced activations (primal form), in its own process.
//   npm run bench:primal -- [STIMULI [DIMENSIONS [SITES [FOLDS [GRID]]]]]      BACKBONE=resnet18 LAYER=layer2 in place of pixels
import { estimateFit } from '../src/pipeline/estimate.ts'
import { makeDataset } from './dataset.ts'
import { describeMachine, say } from './measure.ts'
import { onFreshHome, runWholeFit, stagesAsTheyBegin } from './whole-fit.ts'

const [count = '30000', dimensions = '4096', siteCount = '168', folds = '5', grid = '56'] = process.argv.slice(2)
const { BACKBONE: backbone = 'pixels', LAYER: layer = 'pixels' } = process.env
const [n, sites] = [Number(count), Number(siteCount)]

describeMachine()
await onFreshHome(async (place) => {
  const importing = performance.now()
  const dataset = await makeDataset(place.context, place.folder, { n, sites, side: 32 })
  say(`made and imported ${n} pictures in ${((performance.now() - importing) / 1000).toFixed(0)} s`)
  const body = {
    dataset,
    backbone,
    weights: 'random',
    layers: [layer],
    pooling: { grid: Number(grid) },
    split: { scheme: 'kfold', folds: Number(folds) },
    mapping: { method: 'ridge', alphas: Array.from({ length: 13 }, (_, i) => 10 ** (i - 6)) },
    reduction: { dimensions: Number(dimensions) },
  }
  const estimate = await estimateFit(place.context, body)
  say(`estimated ${(estimate.memoryBytes / 1e6).toFixed(0)} MB, ${(estimate.diskBytes / 1e9).toFixed(2)} GB of disk, ${estimate.seconds} s`)
  const { seconds, peakRssBytes, encoder } = await runWholeFit(place, body, stagesAsTheyBegin())
  say(`${n} stimuli, ${backbone} ${layer} in ${dimensions} dimensions, ${sites} sites, ${folds} folds, ${place.config.threads} threads: ${seconds.toFixed(0)} s, peak RSS of the fit ${(peakRssBytes / 1e6).toFixed(0)} MB, encoder ${encoder === null ? 'none' : 'made'}`)
})
