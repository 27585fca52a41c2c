import t from 'tap'
import { counted, duration, interval, percent, rate, score } from '../../src/dashboard/format.ts'

t.test('numbers read as they are: no false precision, no negative zero, a dash where there is none', async (t) => {
  t.strictSame([0.34567, -0.0001, -0.5, null, undefined].map(score), ['0.346', '0.000', '-0.500', '–', '–'])
  t.strictSame([interval([0.1, 0.25]), interval(null)], ['0.100 to 0.250', '–'])
  t.strictSame([0, 0.0213456, 213.4567, -3, 1e-5, 123456].map(rate), ['0', '0.02135', '213.5', '-3', '1.00e-5', '1.23e+5'])
  t.strictSame([0, 0.044, 0.5].map(percent), ['0 %', '4.4 %', '50 %'])
  t.strictSame([0.2, 59, 75, 7300].map(duration), ['1 s', '59 s', '1 min', '2 h 2 min'])
  t.strictSame([counted(1, 'site'), counted(1200, 'site')], ['1 site', '1,200 sites'])
})
