import t from 'tap'
import { groupLayers } from '../../src/pipeline/layer-groups.ts'

const layers = (...units: number[]) => units.map((count, i) => ({ layer: `l${i}`, units: count }))
const names = (groups: ReturnType<typeof groupLayers>): string[][] => groups.map((group) => group.map(({ layer }) => layer))

t.test('layers that fit together are one group', (t) => {
  t.same(names(groupLayers(layers(10, 20, 30), 5, 4 * 5 * 60)), [['l0', 'l1', 'l2']])
  t.same(groupLayers([], 5, 1), [])
  t.end()
})

t.test('a byte less on disk makes a second group, in order', (t) => {
  t.same(names(groupLayers(layers(10, 20, 30), 5, 4 * 5 * 60 - 1)), [['l0', 'l1'], ['l2']])
  t.same(names(groupLayers(layers(30, 10, 30, 10), 5, 4 * 5 * 40)), [['l0', 'l1'], ['l2', 'l3']])
  t.end()
})

t.test("one image's activations are bounded too", (t) => {
  t.same(names(groupLayers(layers(40e6, 20e6, 10e6), 1, Infinity)), [['l0', 'l1'], ['l2']], '64 million units are 256 MB')
  t.end()
})

t.test('a layer that does not fit by itself is refused with what to do', (t) => {
  t.throws(() => groupLayers(layers(10, 193_600), 2560, 1e9), {
    code: 'does-not-fit',
    message: /^l1 has 193600 units: 2560 stimuli need 2\.0 GB of disk, and 1\.0 GB may be used\. Pool the layer .* or raise VENTRAL_SPILL_GB\.$/,
    errors: [{ pointer: '/layers', expected: 'at most 1.0 GB', found: '2.0 GB' }],
  })
  t.end()
})
