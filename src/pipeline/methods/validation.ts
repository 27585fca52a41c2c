import type { MethodsFacts } from './facts.ts'
import { cite, count, join, line, list, name, names, otherFields, paragraph } from './inline.ts'
import type { Line, Section } from './inline.ts'

const grouped = ['groupkfold', 'groupshufflesplit', 'leaveonegroupout']

const innerOf = ({ request: { mapping, split, reduction } }: MethodsFacts): Line => {
  const { inner } = mapping
  if (reduction !== undefined) return line`Within each training set, choices were made on the other outer folds.`
  if (inner === 'loo') return line`Within each training set, choices were made by leaving out one stimulus at a time.`
  if (inner === 'gcv') return line`Within each training set, choices were made by generalised cross-validation ${cite('golub1979gcv')}.`
  if (split.scheme === 'leaveonegroupout') return line`Within each training set, choices were made by leaving out one group of it at a time.`
  const { folds, stratified, ...others } = inner
  const how = stratified !== undefined ? line`, stratified by ${name(stratified.by)} and shuffled (seed ${stratified.seed})` : line`, ${grouped.includes(split.scheme) ? 'grouped as the outer ones' : 'unshuffled'}`
  const settings = otherFields(others, [])
  return line`Within each training set, choices were made on ${count(folds, 'inner fold')}${how}${settings.length === 0 ? [] : line`, ${join(settings, ', ')}`}.`
}

const duplicates = ({ request }: MethodsFacts): Line =>
  grouped.includes(request.split.scheme) || request.split.scheme === 'given'
    ? []
    : request.groupDuplicates
      ? line`Equal and near-duplicate images were kept in one fold.`
      : line`Equal and near-duplicate images were not kept in one fold.`

const controls = ({ request: { controls } }: MethodsFacts): Line[] =>
  controls.map((control) =>
    control.name === 'pixels'
      ? line`Control: the pixels of the images${control.pooling === 'none' ? '' : `, averaged to a ${control.pooling.grid} x ${control.pooling.grid} grid`}.`
      : control.name === 'random'
        ? line`Control: the same backbone with random weights, seeds ${control.seeds.join(', ')}.`
        : line`Control ${name(JSON.stringify(control))}.`,
  )

const selection = ({ request: { selectBy }, scores: { bestLayer } }: MethodsFacts): Line => {
  if (bestLayer === null) return []
  const by = selectBy === 'correlation.median' ? 'median correlation over sites' : selectBy === 'explainedVariance.mean' ? 'mean explained variance over sites' : selectBy
  return line`The layer was chosen in each outer fold by its ${by} on the inner folds of the training rows, and its predictions scored on the test rows (nested choice).${bestLayer.from === undefined ? '' : ' The headline is that of a layer which another dataset\u2019s fit had chosen.'}`
}

/** Splits, inner splits, the duplicates' rule, further splits, controls and the choice of layer. */
export const validationSection = (facts: MethodsFacts): Section => {
  const { request, scores } = facts
  const { provenance } = scores
  const splits = scores.layers[0].correlation.splits.length
  const others = Object.entries(scores.generalisation)
  const points = [
    ...controls(facts),
    ...others.map(([column, { split }]) => line`Further split by ${name(column)}: ${split}.`),
  ]
  return {
    heading: 'Cross-validation',
    blocks: [
      paragraph(
        line`Scores are of stimuli that the mapping had not seen. Split: ${scores.split} (${count(splits, 'test set')}, equal to scikit-learn's for the same seed; sha256 of the rows ${name(String(provenance.splitsSha256))}).`,
        innerOf(facts),
        duplicates(facts),
        selection(facts),
        scores.protocol === null ? [] : line`Protocol: ${name(scores.protocol)}${scores.protocol === 'brain-score' ? line` ${cite('schrimpf2018brainscore', 'schrimpf2020integrative')}` : ''}.`,
      ),
      list([line`Settings of the split: ${names(Object.entries(request.split).map(([key, value]) => `${key}=${JSON.stringify(value)}`))}.`, ...points]),
    ],
  }
}
