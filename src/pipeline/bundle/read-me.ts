import type { FitScores } from '../../domain/fit-scores.ts'
import { headlineOf } from '../headline.ts'

const number = (value: number | null): string => (value === null ? 'undefined' : String(value))

const told = ({ bestLayer, split }: FitScores): string => {
  if (bestLayer === null) return `No layer was chosen; scores.json has those of each layer (split: ${split}).`
  const { kind, correlation, explainedVariance } = headlineOf(bestLayer)
  const how = kind === 'nested' ? 'the nested choice of layer' : 'the layer that another dataset\u2019s fit had chosen'
  return `The headline is that of ${how} (split: ${split}): median r ${number(correlation.median)}, mean EV ${number(explainedVariance.mean)}.`
}

/** What lies in a fit's bundle, for whoever opens it. Names that users gave stand only in the other files. */
export const readMe = (fit: string, scores: FitScores, names: readonly string[]): string => {
  const described: [string, string][] = [
    ['recompute.py', 'recomputes every number below from the predictions, with NumPy alone: `python3 recompute.py`'],
    ['scores.json', 'all scores, as GET /fits/{id}/scores answers them'],
    ['request.json', 'the request with every default filled in, canonical JSON'],
    ['provenance.json', 'versions, engine, sha256 of dataset and weights, seeds, formula revisions'],
    ['registration.json', 'what was registered before the fit, and the deviations from it'],
    ['registered.json', 'the frozen text itself: its sha256 is the registered one'],
    ['methods.md', 'the methods section, and below it the references'],
    ['methods.tex', 'the same as a LaTeX document'],
    ['references.bib', 'the same references for BibTeX'],
    ['responses.npz', '`stimulus_id`, `site_id`, `region`, `response` (stimulus x site; NaN: never shown)'],
    ['splits.npz', '`stimulus_id`, and the rows `train_000`, `test_000`, … of every outer split: `stimulus_id[test_000]`'],
    ['bundle.json', 'the files, with their sha256, and which predictions are of which layer'],
  ]
  return `# Fit ${fit}

${told(scores)}

${described.filter(([name]) => name === 'bundle.json' || names.includes(name)).map(([name, what]) => `- \`${name}\`: ${what}`).join('\n')}
- \`predictions/\`: of each layer \`stimulus_id\`, \`split\`, \`site_id\`, \`prediction\` and \`response\` (row x site), a row per split and test stimulus

Predictions were made for stimuli that the mapping had not seen. In \`response\` stands what they were scored against.
`
}
