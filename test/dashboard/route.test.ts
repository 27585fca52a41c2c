import t from 'tap'
import { hrefTo, parseRoute } from '../../src/dashboard/route.ts'

t.test('every view has an address that leads back to it', async (t) => {
  t.strictSame(parseRoute(hrefTo.fits()), { view: 'fits' })
  t.strictSame(parseRoute(hrefTo.fit('f1')), { view: 'fit', id: 'f1', split: null })
  t.strictSame(parseRoute(hrefTo.fit('f1', 'object name?')), { view: 'fit', id: 'f1', split: 'object name?' })
  t.strictSame(parseRoute(hrefTo.datasets()), { view: 'datasets', id: null })
  t.strictSame(parseRoute(hrefTo.datasets('a/b')), { view: 'datasets', id: 'a/b' })
  t.strictSame(parseRoute(hrefTo.predict('e1')), { view: 'predict', encoder: 'e1' })
})

t.test('no address means the fits; a strange one means no view, and throws nothing', async (t) => {
  for (const hash of ['', '#', '#/', '#/fits', '#/fits/']) t.strictSame(parseRoute(hash), { view: 'fits' }, hash)
  for (const hash of ['#/other', '#/fits/%E0%A4%A', '#/fits/a/b', '#//x']) t.strictSame(parseRoute(hash), { view: 'unknown' }, hash)
})
