import t from 'tap'
import { toBibtex } from '../../../src/pipeline/methods/bibtex.ts'
import { methodsDocument } from '../../../src/pipeline/methods/document.ts'
import { toLatex } from '../../../src/pipeline/methods/latex.ts'
import { toMarkdown } from '../../../src/pipeline/methods/markdown.ts'
import { backbonePaper, referenceOf } from '../../../src/pipeline/methods/references.ts'
import { backboneIds } from '../../../src/models/backbones/index.ts'
import { layerScores, registration, scores } from '../../helper/service-fixtures.ts'
import { factsOf } from './facts.ts'

const markdown = (facts = factsOf()): string => toMarkdown(methodsDocument(facts))
/** The text without the escapes of Markdown. */
const plain = (facts = factsOf()): string => markdown(facts).replaceAll(/\\(?=[\\`*_{}[\]<>#|~$&!@:.])/g, '')

t.test('states what a methods section has to', async (t) => {
  const text = plain(factsOf({ request: { sites: { region: 'IT', minCeiling: 0.3 }, controls: ['pixels', { name: 'random', seeds: [4, 5] }] } }))
  for (const fact of [
    'Dataset `V4 session` (sha256 `3333', '9 sites to 30 stimuli', '2 sites were analysed: `V4` (2) by region, `Chabo` (2), `Tito` (1) by animal',
    'of region `IT`, and with a reliability of at least 0.3 (5 before the choice by reliability, 3 after it)', 'in spike counts', '50-150 ms after stimulus onset', '2 to 20 per stimulus',
    '1 pair of equal images and 2 of near-duplicates', 'median 0.800 over sites', '100 draws, seed 0',
    'Backbone `squeezenet1_1` (Iandola et al., 2016)', 'sha256 `1111', 'from `https://download.pytorch.org/models/squeezenet1_1-b8a52dc0.pth`, licence `BSD-3-Clause`', '224 x 224 pixels', '`features.7` (100 units)',
    'Ridge regression (Hoerl and Kennard, 1970)', '25 values from 0.000001 to 1000000, relative', 'for each site by itself', 'over sites and splits: 1 to 10 (absolute); 0.0 % at an end',
    'Split: kfold (1 test set,', 'sha256 of the rows `2222', '5 inner folds, unshuffled', 'near-duplicate images were kept in one fold', '`folds=10`', '`seed=1`', 'random weights, seeds 4, 5', 'averaged to a 28 x 28 grid', 'Further split by `object_name`: leaveonegroupout by object_name',
    '$\\mathrm{EV} = 1', 'Revision 1.', '1000 draws, seed 0', 'Revision 2.',
    'correlation, median over sites, 0.440 (95 % interval 0.390 to 0.490), 1 site without a score left out; explained variance, mean over sites, 0.340',
    '`features.7` in 10 splits', 'Ventral `1.2.3`', '`node 24.1.0`', '`cpu: A & B 100%`', '2 threads', 'not registered',
  ]) t.match(text, fact) // prettier-ignore
})

t.test('the largest of the outer scores is told nowhere', async (t) => {
  const bestLayer = { ...scores.bestLayer!, plainMax: { layer: 'features.7', score: 0.987654 } }
  const document = methodsDocument(factsOf({ change: { bestLayer, layers: [layerScores('features.2', 0.2), layerScores('features.7', 0.9876)] } }))
  for (const text of [toMarkdown(document), toLatex(document)]) t.notMatch(text, /0?\.98/)
})

t.test('registration and every deviation from it', async (t) => {
  const deviations = [{ pointer: '/run', registered: 1, used: 2 }, { pointer: '/request/mapping/alphas', registered: [1], used: [2, 3] }]
  const text = plain(factsOf({ change: { registration: { ...registration, run: 2, deviations } } }))
  t.match(text, `frozen 2024-01-01T00:00:00.000Z, before anything was fitted (registration \`r1\`, sha256 \`${registration.sha256}\`). Deviations:`)
  t.match(text, '- this is run 2 under the registration\n- `/request/mapping/alphas`: registered `[1]`, used `[2,3]`')
  t.match(plain(factsOf({ change: { registration: { ...registration, run: 1, deviations: [] } } })), 'There were no deviations.')
})

t.test('leakage that is anything, and warnings', async (t) => {
  const leakage = [{ what: 'fine', rows: 'x', severity: 'none' as const }, { what: 'overlap', rows: '5 stimuli', severity: 'warning' as const }]
  const text = plain(factsOf({ change: { leakage, warnings: ['Beware of <b>.'] } }))
  t.match(text, '- overlap (warning): 5 stimuli.')
  t.notMatch(text, '- fine')
  t.match(text, '- Beware of <b>.')
})

t.test('other mappings, splits and protocols cite what they rest on', async (t) => {
  const pls = plain(factsOf({ request: { mapping: { method: 'pls', components: 25, yScale: 'none', perSite: false, solver: 'nipals-sklearn', inner: { folds: 5 }, pca: 1000 } }, change: { protocol: 'brain-score' } }))
  for (const fact of ['(Wold et al., 1984) with 25 components, all sites jointly', '(Pedregosa et al., 2011)', 'solver `nipals-sklearn`', 'first 1000 principal components (Hotelling, 1933)', '`brain-score` (Schrimpf et al., 2018; Schrimpf et al., 2020)']) t.match(pls, fact)
  t.notMatch(pls, 'Hoerl')
  const linear = plain(factsOf({ request: { mapping: { method: 'linear', inner: { folds: 2 } }, split: { scheme: 'leaveonegroupout', by: 'object_name' }, alsoBy: [] } }))
  for (const fact of ['minimum norm (Penrose, 1955)', 'leaving out one group of it at a time', '`by="object_name"`']) t.match(linear, fact)
  t.notMatch(linear, /duplicate images were/)
})

t.test('penalties in closed form or on stratified folds, components of all stimuli, normalised responses, reduced activations, differences', async (t) => {
  const ridge = { method: 'ridge' as const, alphas: [2], alphaUnits: 'absolute' as const, alphaPer: 'all' as const, inner: { folds: 5 } }
  const facts = factsOf({ dataset: { normalise: { method: 'zscore', sessionColumn: 'day' } }, change: { reduction: { dimensions: 4096, seed: 3, layers: [{ layer: 'features.2', units: 9000, dimensions: 4096, distortion: 0.05 }, { layer: 'features.7', units: 100, dimensions: 100, distortion: 0 }] } } })
  const of = (mapping: object): string => plain({ ...facts, request: { ...facts.request, mapping: { ...ridge, ...mapping } } })
  t.match(of({ inner: 'gcv' }), 'from the one value 2 (absolute), one for all sites, errors divided by the sites’ training variance, by generalised cross-validation (Golub et al., 1979)')
  t.match(of({ inner: 'loo', sharedLoss: 'raw' }), 'errors taken as they are, by the least leave-one-out error, in closed form')
  const strict = of({ inner: { folds: 5, stratified: { by: 'object_name', seed: 42 } }, pca: { components: 9, fitOn: 'all' } })
  for (const fact of ['5 inner folds, stratified by `object_name` and shuffled (seed 42).', 'first 9 principal components (Hotelling, 1933) of the activations, computed on all stimuli, test rows included', 'deviations from each session (`day`): less the mean and over the standard deviation of its training stimuli', 'random projection (Li et al., 2006), seed 3: `features.2` to 4096 (distances between stimuli kept to 0.050).', "Holm's correction (Holm, 1979)"])
    t.match(strict, fact)
  t.notMatch(strict, 'Further settings')
})

t.test('a layer from elsewhere heads the results; permutations, and sites that choose for themselves, are told', async (t) => {
  const { correlation, explainedVariance } = layerScores('features.2', 0.2)
  const bestLayer = { ...scores.bestLayer!, layer: 'features.2', from: 'f0', score: { correlation, explainedVariance }, perSite: { correlation, explainedVariance, timesChosen: {}, sites: [] } }
  const permutation = { count: 200, seed: 7, statistic: 'correlation' as const, within: ['session'], pOfMaximum: 0.005, layers: [] }
  const text = plain(factsOf({ change: { bestLayer, permutation } }))
  const [first, second] = text.slice(text.indexOf('## Results')).split('\n').filter((one) => one.startsWith('- '))
  t.match(first, 'Layer `features.2`, chosen on another dataset (fit `f0`): correlation, median over sites, 0.300')
  t.match(second, 'Layer chosen on inner folds, scored on outer ones (kfold): correlation, median over sites, 0.440')
  for (const fact of ['200 permutations of the stimuli within `session`, seed 7', '(Nichols and Holmes, 2002)', 'p = 0.0050', 'Each site choosing its layer for itself on inner folds']) t.match(text, fact)
})

t.test('Brain-Score\u2019s order of aggregation under its protocol, and whole groups held out beside the headline', async (t) => {
  const nested = structuredClone(scores.bestLayer!.nested)
  nested.correlation.splits = [0.5, 0.3, 0.4].map((median) => ({ median, mean: null }))
  const ceiling = { method: 'splitHalf-brainscore' as const, score: 0.8, errorOverSplits: 0.01 }
  const object_name = { ...scores.generalisation.object_name, bestLayer: scores.bestLayer! }
  const text = plain(factsOf({ change: { protocol: 'brain-score', brainScore: { ceiling, layers: [] }, bestLayer: { ...scores.bestLayer!, nested }, generalisation: { object_name } } }))
  t.match(text, 'r = 0.400 (population standard deviation over splits / $\\sqrt{\\mathrm{splits}}$: 0.047); ceiling c = 0.800; r/c = 0.500, (r/c)² = 0.250, r²/c = 0.200.')
  t.match(text, 'With `object_name` held out (leaveonegroupout by object_name): correlation, median over sites, 0.440')
})

t.test('activations that were computed elsewhere have no weights and no images', async (t) => {
  const facts = factsOf()
  const text = plain({ ...facts, request: { ...facts.request, backbone: 'activations:my net' }, scores: { ...facts.scores, provenance: { ...facts.scores.provenance, weights: 'sha256:abc', preprocessing: null } } })
  t.match(text, '- Activations `my net` were computed with other tools and uploaded (`sha256`, `abc`).')
  t.notMatch(text, /Images were|Its weights|Placement/)
})

t.test('mappings of all layers together', async (t) => {
  const shared = { alphas: [1, 10], inner: { folds: 5 } }
  const of = (mapping: object): string => plain(factsOf({ request: { mapping: { ...shared, ...mapping } } }))
  t.match(of({ method: 'banded', weights: null, candidates: { draws: 50, seed: 3 }, weightsPer: 'site', alphaPer: 'all' }), 'banded ridge regression (Nunez-Elizalde et al., 2019; Dupré la Tour et al., 2022). Weights of the bands were the best of equal ones, each layer alone and 50 draws from the simplex (seed 3), for each site by itself')
  t.match(of({ method: 'auto', windows: 4 }), 'within each of 16 places of the image')
})

t.test('what no sentence speaks of yet is told by its name', async (t) => {
  const mapping = { method: 'ridge', alphas: [1], alphaUnits: 'relative', alphaPer: 'site', bands: ['a', 'b'], inner: { folds: 5, purged: true } } as never
  const text = plain(factsOf({ request: { mapping, sites: { region: 'IT', hemisphere: 'left' } as never, novelty: { count: 100, seed: 1 } } }))
  for (const fact of ['- `bands` = `["a","b"]`', '`purged` = `true`', '`hemisphere` = `"left"`', '- `novelty` = `{"count":100,"seed":1}`']) t.match(text, fact)
})

t.test('names of users are no markup in any format', async (t) => {
  const facts = factsOf({ dataset: { name: '`</code><script>alert(1)</script>\n\n# \\input{x} %$' }, change: { warnings: ['[x](javascript:alert) <img>'] } })
  const document = methodsDocument(facts)
  t.match(toMarkdown(document), 'Dataset `` `</code><script>alert(1)</script> # \\input{x} %$ `` (sha256')
  t.match(toMarkdown(document), '\\[x\\](javascript:alert) \\<img\\>')
  t.match(toLatex(document), '\\texttt{\\symbol{96}\\textless{}/code\\textgreater{}\\textless{}script\\textgreater{}alert(1)\\textless{}/script\\textgreater{} \\# \\textbackslash{}input\\{x\\} \\%\\$}')
})

t.test('LaTeX and BibTeX are ASCII, balanced, and name the same works', async (t) => {
  const document = methodsDocument(factsOf({ request: { mapping: { method: 'pls', components: 2, yScale: 'site', perSite: true, solver: 'exact', inner: { folds: 2 } } }, change: { protocol: 'brain-score' }, dataset: { name: 'Gaël {α} 猫' } }))
  const [latex, bibtex] = [toLatex(document), toBibtex(document)]
  const depth = (text: string): number => [...text.replaceAll(/\\[{}]/g, '')].reduce((level, c) => (level < 0 ? level : c === '{' ? level + 1 : c === '}' ? level - 1 : level), 0)
  for (const text of [latex, bibtex]) {
    t.match(text, /^[\n -~]*$/)
    t.equal(depth(text), 0)
  }
  const cited = [...latex.matchAll(/\\cite\{([^}]*)\}/g)].flatMap(([, keys]) => keys.split(','))
  const listed = [...latex.matchAll(/\\bibitem\{([^}]*)\}/g)].map(([, key]) => key)
  const entries = [...bibtex.matchAll(/^@\w+\{([^,]*),$/gm)].map(([, key]) => key)
  t.same([...new Set(cited)].sort(), listed)
  t.same(entries, listed)
  t.match(bibtex, "Varoquaux, Ga{\\\"{e}}l and")
  t.match(bibtex, '  pages = {735--743},')
  t.match(bibtex, '@misc{ventral,\n  author = {{The Ventral developers}},\n  title = {{Ventral: Neural Encoding of the Ventral Visual Stream}},\n  year = {2026},\n  note = {Software, version 1.2.3},\n}')
})

t.test('every backbone that others published has its paper', async (t) => {
  t.same(backboneIds.filter((id) => backbonePaper(id) === null), ['pixels', 'v1-gabor'])
  for (const id of backboneIds) if (backbonePaper(id) !== null) t.match(referenceOf(backbonePaper(id)!), { author: /, /, year: Number })
})
