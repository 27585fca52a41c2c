import t from 'tap'
import { parseImportFields } from '../../src/datasets/import-fields.ts'
import { refuses } from './fixtures.ts'

t.test('every field', async (t) => {
  t.same(
    parseImportFields({
      name: ' v4 ',
      axes: 'site, stimulus',
      region: 'V4',
      unit: 'spikes/s',
      timeBinMs: '70,170',
      visualDegrees: '8',
      backgroundRgb: '127,127,127',
      order: 'codepoint',
      normalise: 'zscore',
      sessionColumn: 'day',
      simulated: 'true',
      generator: 'a script',
      variable: 'rates',
      intervals: 'shown',
      onsetColumn: 'on',
      stimulusColumn: 'image',
    }),
    {
      name: 'v4',
      axes: ['site', 'stimulus'],
      region: 'V4',
      unit: 'spikes/s',
      timeBins: [{ startMs: 70, endMs: 170 }],
      visualDegrees: 8,
      backgroundRgb: [127, 127, 127],
      order: 'codepoint',
      normalise: 'zscore',
      sessionColumn: 'day',
      simulated: true,
      generator: 'a script',
      variable: 'rates',
      intervals: 'shown',
      onsetColumn: 'on',
      stimulusColumn: 'image',
    },
  )
  t.same(parseImportFields({}), { name: null, axes: null, region: null, unit: null, timeBins: null, visualDegrees: null, backgroundRgb: null, order: null, normalise: null, sessionColumn: null, simulated: null, generator: null, variable: null, intervals: null, onsetColumn: null, stimulusColumn: null })
  t.same(parseImportFields({ timeBinMs: '-10,0; 0,10.5' }).timeBins, [
    { startMs: -10, endMs: 0 },
    { startMs: 0, endMs: 10.5 },
  ])
})

t.test('each refusal names its field', async (t) => {
  await refuses(t, () => parseImportFields({ nmae: 'x' }), 'unknown-field', '/nmae', 'name, axes')
  await refuses(t, () => parseImportFields({ toString: 'x' }), 'unknown-field', '/toString')
  for (const axes of ['stimulus,neuron', 'stimulus,stimulus,site', 'stimulus', 'site', '', 'stimulus,site,']) {
    await refuses(t, () => parseImportFields({ axes }), 'unknown-axes', '/axes', 'stimulus, site, repetition, time')
  }
  for (const [field, text] of [
    ['name', ' '],
    ['unit', 'Hz'],
    ['timeBinMs', '70'],
    ['timeBinMs', '170,70'],
    ['timeBinMs', '70,170,270'],
    ['timeBinMs', ','],
    ['visualDegrees', '0'],
    ['visualDegrees', 'eight'],
    ['visualDegrees', '8,8'],
    ['backgroundRgb', '256,0,0'],
    ['backgroundRgb', '1,2'],
    ['backgroundRgb', '1,2,'],
    ['order', 'Natural order'],
    ['simulated', 'yes'],
  ] as const) {
    await refuses(t, () => parseImportFields({ [field]: text }), 'invalid-value', `/${field}`)
  }
})
