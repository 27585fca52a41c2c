import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { decodeNpy } from '../../src/numerics/npy.ts'
import { decodeNpz } from '../../src/numerics/npz.ts'
import type { Division, LayerResult } from '../../src/pipeline/condition.ts'
import type { PipelineContext } from '../../src/pipeline/context.ts'
import type { Population } from '../../src/pipeline/fit-population.ts'
import { storePredictions } from '../../src/pipeline/predictions.ts'
import { manifestOf } from './fixtures.ts'

const strings = (bytes: Uint8Array): string[] => {
  const text = Buffer.from(bytes).toString('latin1')
  const length = Number(/'<U(\d+)'/.exec(text)![1])
  const data = Buffer.from(bytes).subarray(text.indexOf('\n') + 1)
  return Array.from({ length: data.length / (4 * length) }, (_, i) =>
    Array.from({ length }, (_, k) => data.readUInt32LE(4 * (i * length + k))).filter((code) => code !== 0).map((code) => String.fromCodePoint(code)).join(''),
  )
}

t.test('one row per split and test stimulus, with what was answered', async (t) => {
  const stored = new Map<string, Uint8Array>()
  const put = async (source: AsyncIterable<Buffer>) => {
    const bytes = await buffer(source)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    stored.set(sha256, bytes)
    return { sha256, bytes: bytes.length }
  }
  const manifest = manifestOf({ stimuli: 5 })
  const Y = { rows: 5, cols: 2, data: Float64Array.from({ length: 10 }, (_, i) => i) }
  // Stimulus 3 is tested twice, stimulus 1 never.
  const splits = [[4, 3], [0, 2, 3]].map((test) => ({ train: new Int32Array(0), test: Int32Array.from(test) }))
  const resultOf = (layer: string, sign: number): LayerResult => ({
    scores: { layer },
    folds: splits.map(({ test }, f) => ({ test, predictions: { rows: test.length, cols: 2, data: Float64Array.from({ length: 2 * test.length }, (_, i) => sign * (100 * f + i)) } })),
  }) as unknown as LayerResult // prettier-ignore
  const layers = await storePredictions({ blobs: { put } } as unknown as PipelineContext, manifest, { sites: manifest.sites, Y } as Population, { splits } as Division, [resultOf('early', 1), resultOf('late', -1)])

  t.same(Object.keys(layers), ['early', 'late'])
  for (const [layer, sign] of [['early', 1], ['late', -1]] as const) {
    const files = await decodeNpz(stored.get(layers[layer])!, layer)
    const array = (name: string) => decodeNpy(files.get(name)!, name)
    t.same([...files.keys()].sort(), ['prediction', 'response', 'site_id', 'split', 'stimulus_id'])
    t.same(strings(files.get('stimulus_id')!), ['s4', 's3', 's0', 's2', 's3'])
    t.same(strings(files.get('site_id')!), ['a', 'b'])
    t.same([...array('split').data], [0, 0, 1, 1, 1])
    t.same(array('response').shape, [5, 2])
    t.same([...array('response').data], [8, 9, 6, 7, 0, 1, 4, 5, 6, 7])
    t.same([...array('prediction').data], [0, 1, 2, 3, 100, 101, 102, 103, 104, 105].map((x) => sign * x))
  }
})
