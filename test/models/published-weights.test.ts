import fs from 'node:fs'
import t from 'tap'
import { openBackbone } from '../../src/models/activations.ts'
import { getBackbone } from '../../src/models/backbones/index.ts'
import { readWeights } from '../../src/models/weights/read-weights.ts'
import { decodeNpy } from '../../src/numerics/npy.ts'
import { uniforms } from '../helper/generator.ts'
import { needs, shared } from '../helper/shared.ts'

const weightsFolder = ['data', 'weights']

const npyValues = (file: string): Float32Array => Float32Array.from(decodeNpy(fs.readFileSync(file), file).data)

t.test("SqueezeNet 1.1 with its published weights gives the model zoo's logits", needs(...weightsFolder, 'squeezenet1_1-golden'), async (t) => {
  const graph = getBackbone('squeezenet1_1')
  const { params } = await readWeights(shared(...weightsFolder, 'squeezenet1_1.pth'), graph.params, { where: 'squeezenet1_1.pth', backbone: graph.id })
  const backbone = await openBackbone({ graph, params, taps: [{ layer: 'classifier', pooling: 'none' }], threads: 1, normalise: false })
  const logits = (await backbone.run(npyValues(shared(...weightsFolder, 'squeezenet1_1-golden', 'input_0.npy')), 1)).get('classifier')!
  await backbone.close()
  const expected = npyValues(shared(...weightsFolder, 'squeezenet1_1-golden', 'output_0.npy'))
  t.equal(logits.length, 1000)
  t.ok(Math.max(...expected) > 100, 'on a scale of some 290')
  t.ok(logits.every((value, i) => Math.abs(value - expected[i]) < 1e-3))
})

t.test('a checkpoint of a trunk serves every layer of the trunk', needs(...weightsFolder, 'mobilenet_v2-features.pth'), async (t) => {
  const graph = getBackbone('mobilenet_v2')
  const where = 'mobilenet_v2-features.pth'
  const { params, missing } = await readWeights(shared(...weightsFolder, where), graph.params, { where, backbone: graph.id })
  t.strictSame(missing, ['classifier.1.weight', 'classifier.1.bias'])
  const open = (layer: string) => openBackbone({ graph, params, taps: [{ layer, pooling: 'none' }], threads: 1, normalise: true })
  const backbone = await open('features.18')
  const values = (await backbone.run(Float32Array.from(uniforms('image', 3 * 224 * 224)), 1)).get('features.18')!
  await backbone.close()
  t.ok(values.some((value) => value > 0) && values.every((value) => value >= 0 && value <= 6), 'finite, and within ReLU6')
  await t.rejects(open('classifier'), { code: 'checkpoint-mismatch' })
})
