import t from 'tap'
import { pairStimuli } from '../../src/datasets/pairing.ts'
import type { Pairing, PairingRequest } from '../../src/datasets/pairing.ts'
import { refuses } from './fixtures.ts'

const images = (...paths: string[]): PairingRequest['images'] => paths.map((path) => ({ path, baseName: path.slice(path.lastIndexOf('/') + 1) }))

const request = (given: Partial<PairingRequest> & { images: PairingRequest['images'] }): PairingRequest => ({
  archive: 'stimuli.zip',
  responses: { file: 'responses.npy', rows: given.images.length, sites: 3, names: null },
  metadata: null,
  order: null,
  spareImages: false,
  ...given,
})

const byName = (
  file: string,
  stimulusIds: string[] | null,
  filenames: string[] | null,
): { file: string; rows: number; stimulusIds: string[] | null; filenames: string[] | null } => ({
  file,
  rows: (stimulusIds ?? filenames ?? []).length,
  stimulusIds,
  filenames,
})

const paths = (pairing: Pairing, { images: all }: PairingRequest): string[] => pairing.stimuli.map(({ image }) => all[image].path)

t.test('without names: sorted paths, where both orders agree', async (t) => {
  const r = request({ images: images('b/02.png', 'b/10.png', 'a/11.png') })
  const pairing = pairStimuli(r)
  t.same(paths(pairing, r), ['a/11.png', 'b/02.png', 'b/10.png'])
  t.same(
    pairing.stimuli.map(({ stimulusId }) => stimulusId),
    ['11', '02', '10'],
  )
  t.equal(pairing.by, 'natural order of the paths')
})

t.test('without names and with two possible orders: the user chooses', async (t) => {
  const all = images('img1.png', 'img2.png', 'img10.png', 'img11.png')
  await refuses(
    t,
    () => pairStimuli(request({ images: all })),
    'ambiguous-order',
    'img1.png, img2.png, img10.png, ... (natural)',
    'img1.png, img10.png, img11.png, ... (code points)',
    '/order',
    'order=natural',
  )
  const natural = request({ images: all, order: 'natural' })
  t.same(paths(pairStimuli(natural), natural), ['img1.png', 'img2.png', 'img10.png', 'img11.png'])
  const codePoint = request({ images: all, order: 'codepoint' })
  const pairing = pairStimuli(codePoint)
  t.same(paths(pairing, codePoint), ['img1.png', 'img10.png', 'img11.png', 'img2.png'])
  t.equal(pairing.by, 'code-point order of the paths')
})

t.test("names in the responses decide: filename, path elsewhere, stem, or the metadata's filename of an id", async (t) => {
  const all = images('set/c.png', 'set/a.png', 'set/b.png')
  for (const [names, ids] of [
    [byName('r.csv', null, ['b.png', 'c.png', 'a.png']), ['b', 'c', 'a']],
    [byName('r.csv', null, ['/home/x/b.png', 'set/c.png', 'D:\\x\\a.png']), ['b', 'c', 'a']],
    [byName('r.csv', ['b', 'c', 'a'], null), ['b', 'c', 'a']],
    [byName('r.csv', ['9', '7', '8'], ['b.png', 'c.png', 'a.png']), ['9', '7', '8']],
  ] as const) {
    const r = request({ images: all, responses: { file: 'r.csv', rows: 3, sites: 1, names } })
    t.same(paths(pairStimuli(r), r), ['set/b.png', 'set/c.png', 'set/a.png'])
    t.same(
      pairStimuli(r).stimuli.map(({ stimulusId }) => stimulusId),
      ids,
    )
  }
  const metadata = byName('m.csv', ['x1', 'x2', 'x3'], ['a.png', 'b.png', 'c.png'])
  const r = request({ images: all, responses: { file: 'r.csv', rows: 3, sites: 1, names: byName('r.csv', ['x3', 'x1', 'x2'], null) }, metadata })
  t.same(paths(pairStimuli(r), r), ['set/c.png', 'set/a.png', 'set/b.png'])
  t.same(
    pairStimuli(r).stimuli.map(({ metadataRow }) => metadataRow),
    [2, 0, 1],
  )
})

t.test('metadata that names every image orders bare responses, and says so when that is not the order of the files', async (t) => {
  const all = images('img1.png', 'img2.png', 'img10.png')
  const shuffled = request({ images: all, metadata: byName('m.csv', ['x', 'y', 'z'], ['img10.png', 'img1.png', 'img2.png']) })
  const pairing = pairStimuli(shuffled)
  t.same(paths(pairing, shuffled), ['img10.png', 'img1.png', 'img2.png'])
  t.same(
    pairing.stimuli.map(({ stimulusId }) => stimulusId),
    ['x', 'y', 'z'],
  )
  t.equal(pairing.by, 'order of the metadata')
  t.match(pairing.warnings, [/order of m\.csv \(img10\.png, img1\.png, img2\.png\)/])
  const sorted = request({ images: all, metadata: byName('m.csv', null, ['img1.png', 'img2.png', 'img10.png']) })
  t.same(pairStimuli(sorted).warnings, [], 'also settles what would be ambiguous')
  const chosen = request({ ...shuffled, order: 'natural' })
  t.same(paths(pairStimuli(chosen), chosen), ['img1.png', 'img2.png', 'img10.png'], 'a stated order wins, the metadata is joined by name')
  t.same(
    pairStimuli(chosen).stimuli.map(({ stimulusId }) => stimulusId),
    ['y', 'z', 'x'],
  )
})

t.test('metadata of more stimuli is joined by name; of fewer refused', async (t) => {
  const all = images('1.png', '2.png')
  const more = pairStimuli(request({ images: all, metadata: byName('m.csv', null, ['3.png', '2.png', '1.png']) }))
  t.same(
    more.stimuli.map(({ metadataRow }) => metadataRow),
    [2, 1],
  )
  t.match(more.warnings, [/m\.csv has 1 rows that belong to no stimulus/])
  await refuses(
    t,
    () => pairStimuli(request({ images: all, metadata: byName('m.csv', null, ['2.png']) })),
    'count-mismatch',
    'm.csv',
    'no row for 1 of the 2',
    '"1"',
  )
})

t.test('counts and names that do not agree', async (t) => {
  const all = images('1.png', '2.png', '3.png')
  const rows = (count: number): PairingRequest => request({ images: all, responses: { file: 'r.npy', rows: count, sites: 7, names: null } })
  await refuses(t, () => pairStimuli(rows(4)), 'count-mismatch', 'r.npy has 4 stimuli', 'stimuli.zip holds 3 images')
  const named = (...names: string[]): PairingRequest =>
    request({ images: all, responses: { file: 'r.csv', rows: names.length, sites: 1, names: byName('r.csv', null, names) } })
  await refuses(t, () => pairStimuli(named('1.png', '2.png', '4.png')), 'count-mismatch', 'r.csv names 1 stimuli that stimuli.zip does not hold: 4.png')
  await refuses(t, () => pairStimuli(named('1.png', '2.png')), 'count-mismatch', 'no row for 3.png')
  await refuses(t, () => pairStimuli(named('1.png', '2.png', '2.png')), 'duplicate-id', 'filename', '2.png')
  await refuses(t, () => pairStimuli(named('1.png', '2.png', '2')), 'duplicate-id', '"2.png"', '"2"', 'same image')
  const metadata = byName('m.csv', ['a', 'a', 'b'], ['1.png', '2.png', '3.png'])
  await refuses(t, () => pairStimuli(request({ images: all, metadata })), 'duplicate-id', 'm.csv', 'stimulus_id', '"a"')
})

t.test('equal base names in two folders are refused; equal stems take the full name as id', async (t) => {
  await refuses(t, () => pairStimuli(request({ images: images('a/1.png', 'b/1.png') })), 'duplicate-id', 'a/1.png', 'b/1.png')
  t.same(
    pairStimuli(request({ images: images('1.jpg', '1.png') })).stimuli.map(({ stimulusId }) => stimulusId),
    ['1.jpg', '1.png'],
  )
})
