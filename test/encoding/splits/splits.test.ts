import t from 'tap'
import type { VentralError } from '../../../src/domain/errors.ts'
import { groupKFold, leaveOneGroupOut } from '../../../src/encoding/splits/group-k-fold.ts'
import { kFold } from '../../../src/encoding/splits/k-fold.ts'
import { groupShuffleSplit, shuffleSplit } from '../../../src/encoding/splits/shuffle-split.ts'
import { complement } from '../../../src/encoding/splits/split.ts'
import type { Split } from '../../../src/encoding/splits/split.ts'
import { stratifiedKFold } from '../../../src/encoding/splits/stratified-k-fold.ts'
import { approximateMode, stratifiedShuffleSplit } from '../../../src/encoding/splits/stratified-shuffle-split.ts'
import { createRandomState } from '../../../src/numerics/random/mt19937.ts'
import { needs, sharedJson } from '../../helper/shared.ts'

interface SplitSet {
  n: number
  labels_unbalanced: number[]
  groups: number[]
  splits: Record<string, { train?: number[]; test: number[] }[] | { error: string }>
}
interface SplitFile {
  raw: Record<string, Record<string, number[][]>>
  sets: SplitSet[]
}

const file = ['reference', 'encoding', 'splits.json']

/** Runs the splitter that a name of the reference file states, its arguments read from the name. */
const run = (name: string, { n, labels_unbalanced, groups }: SplitSet): Split[] => {
  const [, splitter, count, options, column] = /^(\w+)\((\d+)(?:,([^)]*))?\)(?:\[(.*)\])?$/.exec(name)!
  const said = new Map((options ?? '').split(',').map((pair) => pair.split('=') as [string, string]))
  const share = (key: string): number | undefined => (said.has(key) ? Number(said.get(key)) : undefined)
  const folds = Number(count)
  const seed = share('random_state') ?? 0
  const shuffled = { folds, seed, shuffle: said.get('shuffle') === 'True' }
  const shares = { splits: folds, seed, trainSize: share('train_size'), testSize: share('test_size') }
  const labels = column === 'unbalanced' ? labels_unbalanced : Array.from({ length: n }, (_, i) => i % 8)
  if (splitter === 'KFold') return kFold(n, shuffled)
  if (splitter === 'StratifiedKFold') return stratifiedKFold(labels, shuffled)
  if (splitter === 'ShuffleSplit') return shuffleSplit(n, shares)
  if (splitter === 'StratifiedShuffleSplit') return stratifiedShuffleSplit(labels, shares)
  if (splitter === 'GroupKFold') return groupKFold(column === 'groups=i mod 8' ? labels : groups, folds)
  if (splitter === 'GroupShuffleSplit') return groupShuffleSplit(groups, shares)
  throw new Error(`no splitter for ${name}`)
}

t.test('equal to scikit-learn index for index, or refused where it refuses', needs(...file), async (t) => {
  for (const set of sharedJson<SplitFile>(...file).sets)
    for (const [name, reference] of Object.entries(set.splits)) {
      if ('error' in reference) {
        t.throws(() => run(name, set), { code: 'too-few-stimuli' }, `${name} of ${set.n}`)
        continue
      }
      const found = run(name, set).map(({ train, test }) => ({ train: [...train], test: [...test] }))
      const expected = reference.map(({ train, test }) => ({ train: train ?? [...complement(set.n, test)], test }))
      t.strictSame(found, expected, `${name} of ${set.n}`)
    }
})

t.test("remainders are drawn on NumPy's stream", needs(...file), async (t) => {
  for (const [name, cases] of Object.entries(sharedJson<SplitFile>(...file).raw)) {
    const random = createRandomState(Number(/\d+/.exec(name)![0]))
    const [mode, next] = cases['approximate_mode([8,8,8,8,7,7,7,7],54) then permutation(4)']
    t.strictSame([...approximateMode([8, 8, 8, 8, 7, 7, 7, 7], 54, random)], mode, name)
    t.strictSame([...random.permutation(4)], next, `${name}: the same draws were spent`)
  }
})

t.test('leave one group out tests each group once, in ascending order', async (t) => {
  const splits = leaveOneGroupOut(['b', 'a', 'b', '\u{1F600}', '\uFF5E', 'a'])
  t.strictSame(
    splits.map((split) => [...split.test]),
    [[1, 5], [0, 2], [4], [3]],
    'strings by code point, as Python orders them',
  )
  t.strictSame([...splits[0].train], [0, 2, 3, 4])
})

t.test('refusals say what would do', async (t) => {
  const refused = (run: () => unknown): VentralError => {
    try {
      run()
    } catch (error) {
      return error as VentralError
    }
    throw new Error('was not refused')
  }
  const few = refused(() => kFold(4, { folds: 5, shuffle: false }))
  t.equal(few.code, 'too-few-stimuli')
  t.strictSame(few.errors, [{ pointer: '/split/folds', expected: 'at most 4', found: '5' }])
  t.equal(refused(() => kFold(6, { folds: 5, shuffle: false }, [0, 0, 0, 3, 4, 5])).code, 'too-few-stimuli', 'duplicates count once')
  t.equal(refused(() => groupKFold(['a', 'a', 'b'], 3)).code, 'too-few-stimuli')
  t.equal(refused(() => leaveOneGroupOut(['a', 'a'])).code, 'too-few-stimuli')
  t.match(refused(() => stratifiedShuffleSplit(['a', 'a', 'b', 'c', 'c'], { splits: 1, seed: 1, testSize: 0.6 })).message, /b has one/)
  t.equal(refused(() => kFold(9, { folds: 1, shuffle: false })).code, 'invalid-value')
})
