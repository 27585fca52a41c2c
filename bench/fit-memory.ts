// Peak memory of a whole fit in its own process: 2,560 images x 200,704 units (ResNet-50 layer3, unpooled), 168 sites, scores and encoder.
//   npm run bench:memory -- [LAYER [IMAGES]]
import { makeDataset } from './dataset.ts'
import { describeMachine, say } from './measure.ts'
import { onFreshHome, runWholeFit, stagesAsTheyBegin } from './whole-fit.ts'

const [layer = 'layer3', count = '2560'] = process.argv.slice(2)
const n = Number(count)
const sites = 168

describeMachine()
await onFreshHome(async (place) => {
  const dataset = await makeDataset(place.context, place.folder, { n, sites })
  const body = { dataset, backbone: 'resnet50', weights: 'random', layers: [layer], encoder: 'best' }
  const { seconds, peakRssBytes, encoder } = await runWholeFit(place, body, stagesAsTheyBegin())
  say(`${n} images, resnet50 ${layer}, ${sites} sites: ${seconds.toFixed(0)} s, peak RSS of the fit ${(peakRssBytes / 1e6).toFixed(0)} MB, encoder ${encoder === null ? 'none' : 'made'}`)
})
