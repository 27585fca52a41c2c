import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { openBackbone } from '../../../src/models/activations.ts'
import { getBackbone } from '../../../src/models/backbones/index.ts'
import { classHead } from '../../../src/models/class-head.ts'
import type { Network } from '../../../src/pipeline/extract.ts'
import { createClassMapper } from '../../../src/pipeline/inside/class-mapper.ts'
import { planClassMap } from '../../../src/pipeline/inside/class-maps.ts'
import { uniforms } from '../../helper/generator.ts'
import { referenceParams } from '../../helper/golden.ts'

interface Golden {
  arch: string
  class: number
  logit: number
  top: number[]
  gradCam: { layer: string; values: number[] }[]
  cam?: { layer: string; values: number[] }
}
const golden = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, '../../reference/inside/grad_cam.json'), 'utf8')) as Golden[]
const pixels = Float32Array.from(uniforms('image', 3 * 224 * 224))

/** The greatest difference as a share of the greatest value. */
const error = (values: ArrayLike<number>, expected: readonly number[]): number => {
  const greatest = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 0)
  return values.length === expected.length ? expected.reduce((max, value, i) => Math.max(max, Math.abs(values[i] - value)), 0) / greatest : Infinity
}

/** Maps of a class with the reference fill, and the logits, as the look takes them from the network. */
const open = async (id: string, layers: readonly string[]) => {
  const graph = getBackbone(id)
  const params = referenceParams(graph)
  const network: Network = { graph, params: () => Promise.resolve(params), weights: 'reference', pooling: 'none' }
  const { logits } = classHead(graph)!
  const session = await openBackbone({ graph, params, taps: [...layers, logits].map((layer) => ({ layer, pooling: 'none' })), threads: 1, normalise: true })
  const activations = await session.run(pixels, 1)
  await session.close()
  const map = async (method: 'cam' | 'grad-cam', layer: string, index: number): Promise<Float32Array> => {
    const mapper = await createClassMapper(network, planClassMap(graph, { method, layer }))
    try {
      return await mapper.map({ pixels, activations: activations.get(layer)! }, index)
    } finally {
      await mapper.close()
    }
  }
  return { logits: activations.get(logits)!, map }
}

for (const { arch, class: index, logit, top, gradCam, cam } of golden)
  t.test(`class maps of ${arch} are those of PyTorch`, async (t) => {
    const { logits, map } = await open(arch, gradCam.map(({ layer }) => layer))
    t.ok(Math.abs(logits[index] - logit) < 1e-5, 'the logit')
    t.same(Array.from(logits.keys()).sort((a, b) => logits[b] - logits[a]).slice(0, 5), top)
    for (const { layer, values } of gradCam) {
      const found = error(await map('grad-cam', layer, index), values)
      t.ok(found < 2e-5, `Grad-CAM of ${layer}: ${found}`)
    }
    if (cam === undefined) return
    const classMap = await map('cam', cam.layer, index)
    t.ok(error(classMap, cam.values) < 1e-5, 'CAM')
    // The logit is the mean over the places of a linear function of the maps, so that α is the class's weights over the number of places.
    t.ok(error(await map('grad-cam', cam.layer, index), Array.from(classMap, (value) => Math.max(value, 0) / classMap.length)) < 1e-5, 'Grad-CAM of the last maps is the positive part of CAM over the places')
  })
