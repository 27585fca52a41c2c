import { useMemo, useState } from 'preact/hooks'
import type { FitScores } from '../../domain/fit-scores.ts'
import type { Fit } from '../api/types.ts'
import { layerFigure, splitChoices } from '../figures/layer-figure.ts'
import type { SplitChoice } from '../figures/layer-figure.ts'
import { Choice } from '../parts/choice.tsx'
import { hrefTo } from '../route.ts'
import { Headline } from './fit-headline.tsx'
import { Downloads, LeakageReport, Provenance, Warnings } from './fit-reports.tsx'
import { LayerChart } from './layer-chart.tsx'
import { LayerTable } from './layer-table.tsx'

const OWN = ''
const optionOf = ({ by, name }: SplitChoice) => ({ value: by ?? OWN, text: by === null ? `images (${name})` : `whole ${by} groups` })

/** Scores of a fit that has succeeded. The chosen split is part of the address. */
export const FitScoresView = ({ fit, scores, split }: { fit: Fit; scores: FitScores; split: string | null }) => {
  const choices = splitChoices(scores)
  const choice = choices.find(({ by }) => by === split) ?? choices[0]
  const figures = useMemo(() => (['explainedVariance', 'correlation'] as const).map((metric) => layerFigure(scores, choice, metric)), [scores, choice.by])
  const [pointed, setPointed] = useState<number | null>(null)
  const hasControls = scores.controls.pixels !== undefined || scores.controls.random !== undefined
  return (
    <>
      <Headline scores={scores} selectBy={fit.request.selectBy} />
      <section aria-labelledby="layers">
        <h2 id="layers">Layers</h2>
        {choices.length > 1 && (
          <Choice label="Held out" name="split" options={choices.map(optionOf)} chosen={choice.by ?? OWN} onChoose={(by) => location.replace(hrefTo.fit(fit.id, by === OWN ? null : by))} />
        )}
        {choice.by !== null && hasControls && <p class="muted">The controls were run with the fit’s own split and are shown with it only.</p>}
        <div class="figures">
          {figures.map((figure) => (
            <LayerChart key={figure.metric} figure={figure} pointed={pointed} onPoint={setPointed} />
          ))}
        </div>
        <LayerTable layers={choice.layers} figures={figures} best={scores.bestLayer} split={choice.name} pixels={choice.by === null ? scores.controls.pixels?.layers[0] : undefined} pointed={pointed} />
      </section>
      <Warnings warnings={scores.warnings} />
      <LeakageReport entries={scores.leakage} />
      <Provenance provenance={scores.provenance} />
      <Downloads fit={fit} />
    </>
  )
}
