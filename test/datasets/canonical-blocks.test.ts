import fc from 'fast-check'
import t from 'tap'
import type { Axis } from '../../src/domain/dataset.ts'
import { eachCanonicalBlock, responseShape } from '../../src/datasets/canonical-blocks.ts'
import type { StoredArray } from '../../src/datasets/canonical-blocks.ts'
import { summariseResponses } from '../../src/datasets/responses-summary.ts'
import { refuses } from './fixtures.ts'

const strideOf: Record<Axis, number> = { stimulus: 1e6, site: 1e4, time: 100, repetition: 1 }

/** An array whose every value tells its own indices. */
const labelled = (axes: Axis[], shape: number[], reads: [number, number][] = []): StoredArray => {
  const total = shape.reduce((a, b) => a * b, 1)
  const values = Float64Array.from({ length: total }, (_, flat) => {
    let rest = flat
    let value = 0
    for (let i = axes.length - 1; i >= 0; i--) {
      value += (rest % shape[i]) * strideOf[axes[i]]
      rest = Math.floor(rest / shape[i])
    }
    return value
  })
  return {
    file: 'x.npy',
    axes,
    shape,
    itemBytes: 8,
    read: async (from, count) => {
      reads.push([from, count])
      if (from < 0 || from + count > total) throw new Error(`read outside: ${from}, ${count} of ${total}`)
      return values.slice(from, from + count)
    },
  }
}

const collect = async (array: StoredArray, blockBytes?: number): Promise<number[]> => {
  const all: number[] = []
  await eachCanonicalBlock(
    array,
    async (first, block) => {
      const { sites, timeBins, repetitions } = responseShape(array)
      if (first * sites * timeBins * repetitions !== all.length) throw new Error(`block ${first} comes out of order`)
      all.push(...block)
    },
    { blockBytes },
  )
  return all
}

const expected = (array: StoredArray): number[] => {
  const { stimuli, sites, timeBins, repetitions } = responseShape(array)
  const all: number[] = []
  for (let s = 0; s < stimuli; s++)
    for (let m = 0; m < sites; m++) for (let b = 0; b < timeBins; b++) for (let r = 0; r < repetitions; r++) all.push(s * 1e6 + m * 1e4 + b * 100 + r)
  return all
}

t.test('any order of axes, any size of blocks', async () => {
  const optional = fc.subarray<Axis>(['time', 'repetition'])
  const axes = optional.chain((more) => fc.shuffledSubarray<Axis>(['stimulus', 'site', ...more], { minLength: 2 + more.length }))
  await fc.assert(
    fc.asyncProperty(
      axes,
      fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 4, maxLength: 4 }),
      fc.integer({ min: 1, max: 4000 }),
      async (words, sides, bytes) => {
        const array = labelled(words, sides.slice(0, words.length))
        const found = await collect(array, bytes)
        return found.join() === expected(array).join()
      },
    ),
    { numRuns: 300, seed: 1 },
  )
})

t.test('values that lie together are read together, and nothing far from them', async (t) => {
  const reads: [number, number][] = []
  await collect(labelled(['stimulus', 'site'], [1000, 10], reads), 8000)
  t.ok(reads.length <= 10, 'a block of rows is one read')
  reads.length = 0
  await collect(labelled(['site', 'stimulus'], [10, 1000], reads))
  t.equal(reads.length, 1, 'a small transposed array is read once')
  reads.length = 0
  await collect(labelled(['site', 'stimulus'], [10, 1000], reads), 10 * 8 * 100)
  t.same(new Set(reads.map(([, count]) => count)), new Set([100]), 'in ten blocks only what each needs')
  t.equal(reads.length, 100)
})

t.test('a stimulus that does not fit into memory is refused', async (t) => {
  const array: StoredArray = { ...labelled(['stimulus', 'site'], [1, 1]), shape: [2, 100_000_000] }
  await refuses(t, () => collect(array), 'does-not-fit', 'x.npy', '100000000 values per stimulus')
})

const shape = { stimuli: 3, sites: 2, timeBins: 1, repetitions: 2 }
const summarise = (values: number[], unit: 'count' | 'zscore' | null = null) => {
  const builder = summariseResponses('x.npy', shape, unit)
  builder.add(0, Float64Array.from(values.slice(0, 4)))
  builder.add(1, Float64Array.from(values.slice(4)))
  return builder.finish()
}

t.test('summary: repetitions, missing ones, constant sites', async (t) => {
  t.same(summarise([1, NaN, 5, 5, 2, 3, NaN, NaN, 0, 0, 5, NaN]), {
    repetitions: { min: 1, max: 2 },
    missing: { cells: 1, repetitions: 2, total: 12 },
    constantSites: [1],
    least: 0,
  })
  t.same(summarise([0, 0, 0.1, NaN, 0, 0, 0.1, 0.1, 0, 0, 0.1, 0.1]).constantSites, [0, 1], 'silent and, up to rounding, constant')
  t.equal(summarise([-1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], 'zscore').least, -1)
})

t.test('infinite, negative and empty responses are refused with their place', async (t) => {
  const good = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
  const with_ = (index: number, value: number): number[] => good.map((old, i) => (i === index ? value : old))
  await refuses(t, () => summarise(with_(6, Infinity)), 'non-finite-rates', 'x.npy', 'Infinity', 'stimulus 1, site 1, repetition 0')
  await refuses(t, () => summarise(with_(11, -0.5), 'count'), 'negative-rates', '-0.5', 'stimulus 2, site 1, repetition 1', 'count')
  t.equal(summarise(with_(11, -0.5)).least, -0.5, 'without a unit they are told, not refused')
  await refuses(t, () => summarise(good.map((value, i) => (i >= 4 && i < 8 ? NaN : value))), 'non-finite-rates', '1 of 3 stimuli', 'numbers 1 ')
  await refuses(t, () => summarise(good.map((value, i) => (i % 4 < 2 ? NaN : value))), 'non-finite-rates', '1 of 2 sites', 'numbers 0 ')
})
