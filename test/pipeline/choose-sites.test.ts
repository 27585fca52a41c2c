import t from 'tap'
import { choosePopulation, chooseSites } from '../../src/pipeline/choose-sites.ts'
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

t.test('animals: one or several, beside the other conditions', (t) => {
  const animals = ['m1', 'm2', undefined, 'm2', 'm1']
  const named = { ...manifest, sites: manifest.sites.map((site, j) => ({ ...site, ...(animals[j] === undefined ? {} : { animal: animals[j] }) })) }
  t.same(chooseSites(named, { animal: 'm2' }), [1, 3])
  t.same(chooseSites(named, { animal: ['m1', 'm2'], region: 'IT' }), [1, 3, 4])
  t.same(chooseSites(named, { animal: 'm1', ids: ['a', 'b'] }), [0])
  t.same(choosePopulation(named, { animal: ['m1', 'm2'], minCeiling: 0.5 }), { before: [0, 1, 3, 4], after: [0, 4] }, 'all are fitted that the other conditions name')
  const refuses = (choice: Parameters<typeof chooseSites>[1], message: RegExp, pointer = '/sites/animal', of = named): void =>
    void t.throws(() => chooseSites(of, choice), { code: 'choose-sites', message, errors: [{ pointer }] })
  refuses({ animal: 'm3' }, /no site is of the animal "m3"; the dataset has m1, m2/i)
  refuses({ animal: [] }, /No animal is named/)
  refuses({ animal: 'm1' }, /sites in V4, IT\. Say which to fit/, '/sites')
  refuses({ animal: 'm1' }, /names its animal.*column "animal"/, '/sites/animal', manifest)
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
