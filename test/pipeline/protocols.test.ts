import t from 'tap'
import type { Test } from 'tap'
import type { FitRequest } from '../../src/domain/fit.ts'
import { openTestContext, temporaryFolder } from '../helper/home.ts'
import { addReference, onColours, reference } from './reference-recording.ts'
import type { BrainScoreNumbers } from './reference-recording.ts'
import { runRequest } from './run-fit.ts'

/** Colours are means of 3136 equal pixels in float32. */
const TOLERANCE = 5e-5
/** scikit-learn's loose iteration may stop a step earlier or later on inputs that differ in the seventh digit. */
const LOOSE_TOLERANCE = 5e-4

const context = await openTestContext(t)
const { id } = await addReference(context, temporaryFolder(t))
const run = (request: Partial<FitRequest>) => runRequest(context, onColours(id, request))
const near = (t: Test, found: number | null, expected: number, what: string, tolerance = TOLERANCE): void => {
  t.ok(found !== null && Math.abs(found - expected) < tolerance, `${what}: ${found} against ${expected}`)
}

t.test('brain-score: a whole benchmark, against scikit-learn', async (t) => {
  const same = async (mapping: FitRequest['mapping'], { splits, score, error }: BrainScoreNumbers, tolerance?: number) => {
    const { scores } = await run({ protocol: 'brain-score', ...(mapping && { mapping }) })
    t.equal(scores.protocol, 'brain-score')
    t.equal(scores.split, 'StratifiedShuffleSplit(10, train 0.9, seed 1) by object_name')
    const [layer] = scores.brainScore!.layers
    splits.forEach((median, k) => near(t, layer.splits[k], median, `${JSON.stringify(mapping) ?? 'PLS'}, split ${k}`, tolerance))
    near(t, layer.raw, score, 'score', tolerance)
    near(t, layer.errorOverSplits, error, 'error', tolerance)
    return scores
  }
  const { ceiling, revisions, pls, nipals, ridge } = reference.brainScore
  const scores = await same(undefined, pls)
  const { ceiling: found, layers } = scores.brainScore!
  t.match(found, { method: 'splitHalf-brainscore' })
  t.ok(Math.abs(found.score! - ceiling.score) < 1e-12 && Math.abs(found.errorOverSplits! - ceiling.error) < 1e-12, 'ceiling')
  for (const name of ['raw', 'r/c', '(r/c)²', 'r²/c'] as const) near(t, layers[0][name], revisions[name], name, 2 * TOLERANCE)
  t.match(scores.leakage.find(({ what }) => what === 'overlap of test sets'), { severity: 'note' })
  await same({ solver: 'nipals-sklearn' }, nipals, LOOSE_TOLERANCE)
  await same({ method: 'ridge' }, ridge)
})

t.test('nx414: a whole fit, against scikit-learn', async (t) => {
  const { scores } = await run({ protocol: 'nx414', alsoBy: ['object_name'] })
  const { alpha, ev, r } = reference.nx414
  const [{ sites, explainedVariance, correlation }] = scores.layers
  t.equal(scores.protocol, 'nx414')
  t.equal(scores.split, 'given by split')
  for (const site of sites) t.ok(Math.abs(site.alphaPerSplit[0]! / alpha - 1) < 1e-12, `alpha ${site.alphaPerSplit[0]} against ${alpha}`)
  sites.forEach((site, j) => {
    near(t, site.ev, ev[j], `EV of site ${j}`)
    near(t, site.r, r[j], `r of site ${j}`)
  })
  const mean = (values: number[]): number => values.reduce((a, b) => a + b) / values.length
  near(t, explainedVariance.mean, mean(ev), 'mean EV')
  near(t, correlation.mean, mean(r), 'mean r')
  t.match(scores.leakage.find(({ what }) => what === 'principal components'), { rows: /see them, as the field publishes it/, severity: 'note' })
  t.ok(scores.warnings.some((warning) => warning.startsWith('Fewer principal components than the 1000 asked for')))
  t.equal(scores.generalisation.object_name.split, 'leave one object_name out')
  t.notOk(scores.brainScore)
})
