import type { FitScores } from '../../domain/fit-scores.ts'
import { counted, interval, score } from '../format.ts'

/** Which sites the scores are about, and what a choice of them or the animals behind them change; nothing where there is nothing to tell. */
export const PopulationNote = ({ scores: { population, bestLayer } }: { scores: FitScores }) => {
  const across = bestLayer?.nested.acrossAnimals
  const best = population?.unfiltered?.find(({ layer }) => layer === bestLayer?.layer)
  return (
    <>
      {population && best && (
        <p class="muted">
          {population.sites.after} of {counted(population.sites.before, 'site')}, chosen by their reliability. Without that choice {best.layer} has a mean EV of {score(best.explainedVariance.mean)} and a median r of{' '}
          {score(best.correlation.median)}.
        </p>
      )}
      {across && across.animals > 1 && (
        <p class="muted">
          Mean over {across.animals} animals, each weighing the same: EV {score(across.explainedVariance.mean)} (95 % interval over animals {interval(across.explainedVariance.interval)}), r {score(across.correlation.mean)} (
          {interval(across.correlation.interval)}).
        </p>
      )}
      {population && population.patterns > 1 && <p class="muted">The sites saw {population.patterns} different sets of stimuli; each was fitted apart.</p>}
    </>
  )
}
