import t from 'tap'
import { nameStimuli } from '../../src/datasets/name-stimuli.ts'
import type { RowNames } from '../../src/datasets/stimulus-names.ts'
import { refuses } from './fixtures.ts'

const names = (file: string, stimulusIds: string[] | null, filenames: string[] | null = null): RowNames => ({ file, stimulusIds, filenames })
const responses = (rows: number, said: RowNames | null = null) => ({ file: 'r.csv', rows, names: said })
const table = (said: RowNames) => ({ ...said, rows: (said.stimulusIds ?? said.filenames)!.length })

t.test('rows are named by themselves, else by the metadata, else by their numbers', (t) => {
  const own = nameStimuli({ responses: responses(2, names('r.csv', ['b', 'a'])), metadata: table(names('m.csv', ['a', 'b', 'c'], ['a.png', 'b.png', 'c.png'])) })
  t.same(own.stimuli, [{ stimulusId: 'b', filename: 'b.png', metadataRow: 1 }, { stimulusId: 'a', filename: 'a.png', metadataRow: 0 }])
  t.match(own, { by: 'names in the responses', warnings: [/1 rows that belong to no stimulus/] })
  t.same(nameStimuli({ responses: responses(2, names('r.csv', null, ['x/a.png', 'x/b.png'])), metadata: table(names('m.csv', ['x/b', 'x/a'])) }).stimuli.map(({ stimulusId, metadataRow }) => [stimulusId, metadataRow]), [['x/a', 1], ['x/b', 0]])
  t.same(nameStimuli({ responses: responses(2, names('r.csv', null, ['a.png', 'a.jpg'])), metadata: null }).stimuli.map(({ stimulusId }) => stimulusId), ['a.png', 'a.jpg'])
  const ordered = nameStimuli({ responses: responses(2), metadata: table(names('m.csv', ['b', 'a'])) })
  t.match(ordered, { by: 'order of the metadata', stimuli: [{ stimulusId: 'b', filename: '', metadataRow: 0 }, { stimulusId: 'a' }], warnings: [/in the order of m\.csv/] })
  t.match(nameStimuli({ responses: responses(3), metadata: null }), { by: 'numbers of the rows', stimuli: [{ stimulusId: '0' }, { stimulusId: '1' }, { stimulusId: '2', metadataRow: null }], warnings: [/0 to 2/] })
  t.end()
})

t.test('names that do not fit are refused', async (t) => {
  await refuses(t, () => nameStimuli({ responses: responses(2, names('r.csv', ['a', 'x'])), metadata: table(names('m.csv', ['a', 'b'])) }), 'count-mismatch', 'm.csv', '"x"')
  await refuses(t, () => nameStimuli({ responses: responses(3), metadata: table(names('m.csv', ['a', 'b'])) }), 'count-mismatch', '3 stimuli without names', '2 rows')
  await refuses(t, () => nameStimuli({ responses: responses(2), metadata: table(names('m.csv', ['a', 'a'])) }), 'duplicate-id', '"a"')
  await refuses(t, () => nameStimuli({ responses: responses(2, names('r.csv', null, ['a.png', 'a.png'])), metadata: null }), 'duplicate-id', '"a.png"')
})
