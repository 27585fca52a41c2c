import type { MethodsFacts } from './facts.ts'
import { count, digits, join, line, list, math, name, names, otherFields, paragraph } from './inline.ts'
import type { Line, Section } from './inline.ts'

const units: Record<string, string> = { count: 'spike counts', 'spikes/s': 'spikes per second', zscore: 'z-scores', baselineSubtracted: 'baseline-subtracted rates', other: 'a unit that the data do not state' }

/** How often each value occurs: "IT (88), V4 (70)". */
const tally = (values: readonly string[]): Line => {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return join([...counts].map(([value, n]) => line`${name(value)} (${n})`), ', ')
}

const chosen = ({ request: { sites }, scores: { population } }: MethodsFacts): Line => {
  const { region, animal, ids, minCeiling } = sites
  const conditions: Line[] = [
    ...(region === undefined ? [] : [line`of region ${name(region)}`]),
    ...(animal === undefined ? [] : [line`of animal ${names([animal].flat())}`]),
    ...(ids === undefined ? [] : [line`named in a list of ${count(ids.length, 'id')}`]),
    ...(minCeiling === undefined ? [] : [line`with a reliability of at least ${minCeiling}`]),
    ...otherFields(sites, ['region', 'animal', 'ids', 'minCeiling']),
  ]
  const how = conditions.length === 0 ? line`all sites of the dataset` : line`those ${join(conditions, ', and ')}`
  const filter = population === undefined || minCeiling === undefined ? [] : line` (${population.sites.before} before the choice by reliability, ${population.sites.after} after it)`
  return line`The sites were ${how}${filter}.`
}

const window = ({ dataset: { timeBins } }: MethodsFacts): Line => {
  if (timeBins === null) return line`The data do not state the window in which responses were counted.`
  const bins = timeBins.map(({ startMs, endMs }) => `${startMs}-${endMs} ms`).join(', ')
  return line`Responses were taken ${bins} after stimulus onset${timeBins.length > 1 ? ', time bins averaged' : ''}.`
}

const repetitions = ({ dataset: { repetitions: { min, max } } }: MethodsFacts): Line =>
  max === 1 ? line`There was one response per stimulus.` : line`A response is the mean over the valid repetitions, of which there were ${min === max ? String(max) : `${min} to ${max}`} per stimulus.`

const normalised = ({ dataset: { normalise } }: MethodsFacts): Line => {
  if (normalise == null) return []
  const { method, sessionColumn } = normalise
  const sessions = sessionColumn === null ? line`the recording` : line`each session (${name(sessionColumn)})`
  return line`Per site and fold, responses were taken as deviations from ${sessions}: less the mean${method === 'zscore' ? ' and over the standard deviation' : ''} of its training stimuli.`
}

/** n, sites, regions, animals, unit, window and repetitions. */
export const dataSection = (facts: MethodsFacts): Section => {
  const { dataset, scores } = facts
  const [{ sites }] = scores.layers
  const animals = Object.entries(scores.population?.animals ?? {})
  const patterns = scores.population?.patterns ?? 1
  const { exact, near } = dataset.duplicates
  return {
    heading: 'Data',
    blocks: [
      paragraph(
        line`Dataset ${name(dataset.name)} (sha256 ${name(dataset.sha256)}) holds the responses of ${count(dataset.sites, 'site')} to ${count(dataset.stimuli, 'stimulus', 'stimuli')}.`,
        dataset.simulated ? line`The responses are simulated: no score here is a finding.` : [],
        line`${count(sites.length, 'site')} were analysed: ${tally(sites.map(({ region }) => region))} by region${animals.length === 0 ? '; the data name no animals' : line`, ${join(animals.map(([animal, n]) => line`${name(animal)} (${n})`), ', ')} by animal`}.`,
        chosen(facts),
        line`Responses are in ${units[dataset.unit] ?? name(dataset.unit)}.`,
        window(facts),
        repetitions(facts),
        normalised(facts),
        patterns > 1 ? line`Sites saw ${patterns} different sets of stimuli: each set was centred and fitted by itself, and each site scored on the stimuli that it saw.` : [],
        exact + near > 0 ? line`Among the stimuli there are ${count(exact, 'pair')} of equal images and ${near} of near-duplicates (thumbnails that correlate over .95).` : [],
      ),
      ...(scores.ceiling === null ? [paragraph(line`There is no noise ceiling: it needs repetitions.`)] : [list(ceilings(scores.ceiling))]),
    ],
  }
}

const ceilings = (ceiling: NonNullable<MethodsFacts['scores']['ceiling']>): Line[] => [
  line`Noise ceiling (${ceiling.method}): reliability ${math('\\rho')} of the mean response, median ${digits(ceiling.median)} over sites.`,
  line`Split-half reliability beside it (${ceiling.splitHalf.draws} draws, seed ${ceiling.splitHalf.seed}): median ${digits(ceiling.splitHalf.median)}.`,
  ...(ceiling.earlyLate == null || ceiling.earlyLate.median === null ? [] : [line`First against last repetitions: median ${digits(ceiling.earlyLate.median)}${ceiling.earlyLate.drifts ? ', which drifts' : ''}.`]),
]
