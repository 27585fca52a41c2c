import fc from 'fast-check'
import t from 'tap'
import { createRandomState } from '../../../src/numerics/random/mt19937.ts'
import { needs, sharedJson } from '../../helper/shared.ts'

const file = ['reference', 'encoding', 'splits.json']
const repeat = <T>(count: number, draw: () => T): T[] => Array.from({ length: count }, draw)

t.test('every call repeats NumPy', needs(...file), async (t) => {
  const { raw } = sharedJson<{ raw: Record<string, Record<string, unknown>> }>(...file)
  for (const [name, golden] of Object.entries(raw)) {
    const seed = Number(/\d+/.exec(name)![0])
    const fresh = () => createRandomState(seed)
    const words = fresh()
    const outputs = repeat(1300, words.uint32)
    t.same(outputs.slice(0, 10), golden.first_uint32)
    t.same([623, 624, 1247, 1248, 1299].map((i) => outputs[i]), golden.uint32_at_623_624_1247_1248_1299, 'across two regenerations')
    t.same(repeat(5, fresh().random), golden.random_sample_5)
    for (const n of [1, 2, 3, 10, 60, 203]) t.same([...fresh().permutation(n)], golden[`permutation(${n})`])
    const thrice = fresh()
    t.same(repeat(3, () => [...thrice.permutation(10)]), golden['permutation(10) x3 same stream'])
    const shuffler = fresh()
    const shuffled = repeat(2, () => {
      const values = [0, 1, 2, 3, 4, 5, 6, 7]
      shuffler.shuffle(values)
      return values
    })
    t.same(shuffled, golden['shuffle(arange(8)) then shuffle(list(range(8))) same stream'])
    for (const [high, size] of [[7, 12], [1000003, 6]]) t.same([...fresh().randint(0, high, size)], golden[`randint(0,${high},size=${size})`])
    t.same([...fresh().randint(0, 2 ** 40, 4)], golden['randint(0,2**40,size=4)'], 'two words a draw')
    t.same([...fresh().randint(0, 60, 60)], golden['randint(0,60,size=60) (a bootstrap draw)'])
    const scalars = fresh()
    t.same([repeat(6, () => scalars.randint(0, 5)), [...scalars.permutation(6)]], golden['randint(5) scalar x6 then permutation(6)'])
    t.same([...fresh().choice(8, 3)], golden['choice(8,size=3,replace=False)'])
    const chooser = fresh()
    t.same([[...chooser.choice(3, 3)].map((i) => [2, 4, 6][i]), [...chooser.permutation(5)]], golden['choice([2,4,6],3,False) then permutation(5)'])
    const normal = repeat(4, fresh().gauss)
    const expected = golden['standard_normal(4) (legacy polar gauss)'] as number[]
    t.ok(normal.every((x, i) => Math.abs(x - expected[i]) <= 4 * Number.EPSILON * Math.abs(expected[i])), `gauss ${normal.join()}`)
  }
  t.ok(Object.keys(raw).length >= 3)
})

t.test('known first outputs, for machines without the reference files', async (t) => {
  t.same(repeat(3, createRandomState(0).uint32), [2357136044, 2546248239, 3071714933])
  t.same(createRandomState(42).permutation(10), Int32Array.of(8, 1, 5, 0, 7, 2, 9, 4, 3, 6))
  t.equal(createRandomState(0).gauss(), 1.764052345967664)
  t.equal(createRandomState(4294967295).uint32(), 419326371)
})

t.test('integers stay in their interval and reach both ends', async (t) => {
  fc.assert(
    fc.property(fc.nat(0xffffffff), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (seed, max) => {
      const random = createRandomState(seed)
      return repeat(20, () => random.interval(max)).every((value) => Number.isSafeInteger(value) && value >= 0 && value <= max)
    }),
  )
  const few = createRandomState(3)
  t.same(new Set(repeat(100, () => few.interval(2))), new Set([0, 1, 2]))
})

t.test('an interval of one value draws nothing', async (t) => {
  const random = createRandomState(5)
  t.equal(random.interval(0), 0)
  t.equal(random.uint32(), createRandomState(5).uint32())
})

t.test('what NumPy refuses is refused', async (t) => {
  for (const seed of [-1, 0.5, NaN, 2 ** 32]) t.throws(() => createRandomState(seed), RangeError)
  const random = createRandomState(0)
  t.throws(() => random.choice(3, 4), RangeError)
  t.throws(() => random.randint(3, 3), RangeError)
  t.throws(() => random.interval(2 ** 53), RangeError)
})
