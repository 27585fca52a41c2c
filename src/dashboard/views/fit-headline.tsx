import type { ComponentChildren } from 'preact'
import type { SelectBy } from '../../domain/fit.ts'
import type { BestLayer, FitScores } from '../../domain/fit-scores.ts'
import { markOf } from '../figures/layer-figure.ts'
import type { Metric } from '../figures/layer-figure.ts'
import { counted, interval, score } from '../format.ts'
import { PopulationNote } from './fit-population.tsx'

const Figure = ({ name, value, children }: { name: string; value: string; children: ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>
      <strong>{value}</strong>
      <span class="muted">{children}</span>
    </dd>
  </div>
)

const Nested = ({ metric, name, nested }: { metric: Metric; name: string; nested: Pick<BestLayer['nested'], Metric> }) => {
  const mark = markOf(metric, nested)
  return (
    <Figure name={name} value={score(mark.value)}>
      95 % interval {interval(mark.interval)}
    </Figure>
  )
}

const timesOf = ({ layer, nested: { timesChosen } }: BestLayer): string => {
  const folds = Object.values(timesChosen).reduce((sum, times) => sum + times, 0)
  const others = Object.entries(timesChosen).filter(([other, times]) => other !== layer && times > 0)
  return `chosen in ${timesChosen[layer] ?? 0} of ${counted(folds, 'outer fold')}${others.length === 0 ? '' : `; ${others.map(([other, times]) => `${other} in ${times}`).join(', ')}`}`
}

const scoreNames: Record<SelectBy, string> = { 'correlation.median': 'r', 'explainedVariance.mean': 'EV' }

const ceilingText = ({ ceiling }: FitScores): string => {
  if (ceiling === null) return 'the responses have no repetitions'
  const usable = ceiling.sites.filter(({ rho }) => rho !== null).length
  return `reliability ρ, ${ceiling.method}, of ${usable < ceiling.sites.length ? `${usable} of ` : ''}${counted(ceiling.sites.length, 'site')}`
}

/** The score to report: of the layer chosen on inner folds, at the outer ones; the plain maximum only beside it. */
export const Headline = ({ scores, selectBy }: { scores: FitScores; selectBy: SelectBy }) => {
  const { bestLayer } = scores
  return (
    <section aria-labelledby="headline">
      <h2 id="headline">{bestLayer?.score ? 'The best layer of another dataset, scored on this one' : 'Best layer, chosen on inner folds and scored on the outer ones'}</h2>
      <dl class="headline">
        {bestLayer && (
          <>
            <Figure name="Layer" value={bestLayer.layer}>
              {bestLayer.score ? `taken from fit ${bestLayer.from}` : timesOf(bestLayer)}
            </Figure>
            <Nested metric="explainedVariance" name="Explained variance, mean over sites" nested={bestLayer.score ?? bestLayer.nested} />
            <Nested metric="correlation" name="Correlation r, median over sites" nested={bestLayer.score ?? bestLayer.nested} />
          </>
        )}
        <Figure name="Ceiling, median over sites" value={score(scores.ceiling?.median)}>
          {ceilingText(scores)}
        </Figure>
        {bestLayer && (
          <Figure name="Plain maximum over layers" value={score(bestLayer.plainMax.score)}>
            {scoreNames[selectBy] ?? selectBy} of {bestLayer.plainMax.layer}, picked on the folds that score it: optimistic
          </Figure>
        )}
      </dl>
      {bestLayer === null && <p>No layer could be chosen: none has a score.</p>}
      <p class="muted">
        Split: {scores.split}
        {scores.protocol !== null && ` · protocol: ${scores.protocol}`}
      </p>
      <PopulationNote scores={scores} />
    </section>
  )
}
