import t from 'tap'
import { chooseSites } from '../../src/pipeline/choose-sites.ts'
import { manifestOf } from './fixtures.ts'

const manifest = manifestOf({ regions: ['V4', 'IT', 'V4', 'IT', 'IT'], rho: [0.9, 0.2, 0.3, null, 0.8] })

t.test('all conditions hold together, in dataset order', (t) => {
  t.same(chooseSites(manifest, { region: 'V4' }), [0, 2])
  t.same(chooseSites(manifest, { ids: ['e', 'a', 'e'] }), [0, 4])
  t.same(chooseSites(manifest, { minCeiling: 0.3 }), [0, 2, 4], 'a site without a reliability has none over any bound')
  t.same(chooseSites(manifest, { region: 'IT', minCeiling: 0.2 }), [1, 4])
  t.same(chooseSites(manifest, { region: 'IT', ids: ['a', 'b'] }), [1])
  t.same(chooseSites(manifestOf({ regions: ['IT', 'IT', 'IT'] }), undefined), [0, 1, 2])
  t.end()
})

t.test('refusals', (t) => {
  const refuses = (choice: Parameters<typeof chooseSites>[1], pointer: string, message: RegExp, of = manifest): void =>
    void t.throws(() => chooseSites(of, choice), { code: 'choose-sites', message, errors: [{ pointer }] })
  refuses(undefined, '/sites', /sites in V4, IT\. Say which to fit/)
  refuses({}, '/sites', /sites in V4, IT\. Say which to fit/)
  refuses({ region: undefined }, '/sites', /sites in V4, IT\. Say which to fit/)
  refuses({ region: 'V1' }, '/sites/region', /No site lies in region "V1"; the dataset has V4, IT/)
  refuses({ ids: ['a', 'z'] }, '/sites/ids', /no site "z"/)
  refuses({ ids: [] }, '/sites', /No site is left/)
  refuses({ region: 'V4', ids: ['b'] }, '/sites', /No site is left/)
  refuses({ minCeiling: 0.95 }, '/sites', /No site is left/)
  refuses({ minCeiling: 0.3 }, '/sites/minCeiling', /needs repetitions/, manifestOf())
  t.end()
})
