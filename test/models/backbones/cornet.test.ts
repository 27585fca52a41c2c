import t from 'tap'
import { openBackbone } from '../../../src/models/activations.ts'
import { getBackbone } from '../../../src/models/backbones/index.ts'
import { referenceInput, referenceParams } from '../../helper/golden.ts'

const areas = ['V1', 'V2', 'V4', 'IT']

/** Per area and step: the output for two images. */
const outputs = async (id: string): Promise<Map<string, Float32Array>> => {
  const graph = getBackbone(id)
  const taps = areas.flatMap((area) => [0, 1, 2, 3, 4].map((t) => ({ layer: `${area}.output-t${t}`, pooling: 'none' as const })))
  const backbone = await openBackbone({ graph, params: referenceParams(graph), taps, threads: 2, normalise: false })
  const out = await backbone.run(referenceInput(graph), 2)
  await backbone.close()
  return out
}

/** Equal bytes. tap's own comparison prints what differs, which takes minutes for arrays of this size. */
const same = (a: Float32Array | undefined, b: Float32Array | undefined): boolean =>
  a !== undefined && b !== undefined && Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(Buffer.from(b.buffer, b.byteOffset, b.byteLength))

/** The first step at which an area tells the two images apart. */
const firstDifference = (out: Map<string, Float32Array>, area: string): number =>
  [0, 1, 2, 3, 4].findIndex((t) => {
    const values = out.get(`${area}.output-t${t}`)!
    const half = values.length / 2
    return values.subarray(0, half).some((value, i) => value !== values[half + i])
  })

t.test('in R an image reaches every area at the second step, in RT one area further at each step', async (t) => {
  const [r, rt] = [await outputs('cornet_r'), await outputs('cornet_rt')]
  t.strictSame(areas.map((area) => firstDifference(r, area)), [0, 1, 1, 1])
  t.strictSame(areas.map((area) => firstDifference(rt, area)), [0, 1, 2, 3])
  for (const step of [0, 1, 2, 3, 4]) t.ok(same(r.get(`V1.output-t${step}`), rt.get(`V1.output-t${step}`)), `V1 is the same in both at step ${step}`)
  t.ok(same(r.get('IT.output-t0'), rt.get('IT.output-t0')), 'before anything arrives they agree')
  t.notOk(same(r.get('V2.output-t1'), rt.get('V2.output-t1')), 'R sees V1 of the same step, RT of the one before')
})

t.test("an area's own name is its last step", async (t) => {
  const last = { cornet_z: [0, 0, 0, 0], cornet_r: [4, 4, 4, 4], cornet_rt: [4, 4, 4, 4], cornet_s: [0, 1, 3, 1] }
  for (const [id, steps] of Object.entries(last)) {
    const { taps, layers } = getBackbone(id)
    for (const [i, area] of areas.entries()) t.equal(taps.get(area), taps.get(`${area}.output-t${steps[i]}`), `${id} ${area}`)
    const defaults = layers.filter((layer) => layer.default).map(({ name, region }) => `${region} ${name}`)
    t.strictSame(defaults, areas.map((area, i) => `${area} ${area}.output-t${steps[i]}`))
  }
})
