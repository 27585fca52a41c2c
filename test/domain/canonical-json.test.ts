import fc from 'fast-check'
import t from 'tap'
import { canonicalJson } from '../../src/domain/canonical-json.ts'

t.test('the examples of RFC 8785', async (t) => {
  const input = String.raw`{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`
  t.equal(canonicalJson(JSON.parse(input)), String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`)
  const keys = { '\u20ac': 'Euro Sign', '\r': 'Carriage Return', '\ufb33': 'Hebrew Letter Dalet With Dagesh', '1': 'One', '\ud83d\ude00': 'Emoji: Grinning Face', '\u0080': 'Control', '\u00f6': 'Latin Small Letter O With Diaeresis' }
  const values = [...canonicalJson(keys).matchAll(/:"([^"]*)"/g)].map(([, value]) => value)
  t.same(values, ['Carriage Return', 'One', 'Control', 'Latin Small Letter O With Diaeresis', 'Euro Sign', 'Emoji: Grinning Face', 'Hebrew Letter Dalet With Dagesh'])
})

t.test('numbers as keys sort as texts, and fields without a value are left out', async (t) => {
  t.equal(canonicalJson({ 10: 'a', 9: 'b', x: undefined, y: null }), '{"10":"a","9":"b","y":null}')
})

t.test('the order of keys is no difference, and the text means the value', async () => {
  const reversed = (value: unknown): unknown =>
    Array.isArray(value) ? value.map(reversed) : value !== null && typeof value === 'object' ? Object.fromEntries(Object.entries(value).reverse().map(([key, inner]) => [key, reversed(inner)])) : value
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value)
      return canonicalJson(reversed(value)) === text && canonicalJson(JSON.parse(text)) === text && JSON.stringify(JSON.parse(text)).length === JSON.stringify(value).length
    }),
  )
})
