import fc from 'fast-check'
import t from 'tap'
import { compareCodePoints, compareNatural } from '../../src/datasets/natural-order.ts'

t.test('natural order compares runs of digits by value', async (t) => {
  const names = ['img10.png', 'img2.png', 'img1.png', 'img01.png', 'b/1', 'a/10', 'a/9', 'img', 'img2b', '99999999999999999999999', '100000000000000000000000']
  t.same(names.toSorted(compareNatural), [
    '99999999999999999999999',
    '100000000000000000000000',
    'a/9',
    'a/10',
    'b/1',
    'img',
    'img01.png',
    'img1.png',
    'img2.png',
    'img2b',
    'img10.png',
  ])
})

t.test("code-point order is Python's: astral characters sort behind U+E000 to U+FFFF", async (t) => {
  const names = ['\u{1F600}', '\uFF21', 'z', 'a10', 'a2', 'a']
  t.same(names.toSorted(compareCodePoints), ['a', 'a10', 'a2', 'z', '\uFF21', '\u{1F600}'])
})

t.test('both are total orders', async (t) => {
  const name = fc.string({ unit: fc.constantFrom('a', 'b', '0', '1', '9', '.', '\u{1F600}', '\uFF21'), maxLength: 6 })
  for (const compare of [compareNatural, compareCodePoints]) {
    fc.assert(
      fc.property(name, name, name, (a, b, c) => {
        const [ab, ba, bc, ac] = [compare(a, b), compare(b, a), compare(b, c), compare(a, c)].map(Math.sign)
        return ab === -ba && (ab === 0) === (a === b) && !(ab <= 0 && bc <= 0 && ac > 0)
      }),
      { numRuns: 2000, seed: 1 },
    )
  }
  t.pass()
})
