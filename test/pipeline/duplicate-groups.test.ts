import t from 'tap'
import { duplicateGroups } from '../../src/pipeline/duplicate-groups.ts'
import { manifestOf } from './fixtures.ts'

t.test('without duplicates every stimulus stands alone', (t) => {
  t.same([...duplicateGroups(manifestOf({ stimuli: 4 }))], [0, 1, 2, 3])
  t.end()
})

t.test('duplicates share a group, over chains and both kinds', (t) => {
  const manifest = manifestOf({ stimuli: 8, duplicates: { exact: [['s5', 's7'], ['s1', 's2']], near: [['s2', 's5'], ['s4', 's3']] } })
  t.same([...duplicateGroups(manifest)], [0, 1, 1, 3, 3, 1, 6, 1])
  t.end()
})
