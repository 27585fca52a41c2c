import type { DatasetManifest } from '../domain/dataset.ts'
import { VentralError } from '../domain/errors.ts'
import type { SiteChoice } from '../domain/fit.ts'

/** The sites that a choice names, as indices in dataset order. */
export interface ChosenSites {
  /** those that all conditions but minCeiling name: all are fitted */
  before: number[]
  /** those of them that are reported */
  after: number[]
}

/** Several regions and no choice is refused: their scores must not be pooled by accident. */
export const choosePopulation = (manifest: DatasetManifest, choice: SiteChoice | undefined): ChosenSites => {
  const { region, animal, ids, minCeiling } = choice ?? {}
  const regions = [...new Set(manifest.sites.map((site) => site.region))]
  if (region !== undefined && !regions.includes(region))
    throw new VentralError('choose-sites', `No site lies in region "${region}"; the dataset has ${regions.join(', ')}.`, [
      { pointer: '/sites/region', expected: regions.join(' | '), found: region },
    ])
  const animals = animal === undefined ? null : checkAnimals(manifest, typeof animal === 'string' ? [animal] : animal)
  const known = new Set(manifest.sites.map((site) => site.siteId))
  const unknown = ids?.find((id) => !known.has(id))
  if (unknown !== undefined)
    throw new VentralError('choose-sites', `The dataset has no site "${unknown}".`, [{ pointer: '/sites/ids', expected: 'ids of GET /datasets/{id}/sites', found: unknown }])
  const rho = reliabilities(manifest, minCeiling)
  const wanted = ids === undefined ? null : new Set(ids)
  const before = manifest.sites.flatMap((site, j) =>
    (region === undefined || site.region === region) && (animals === null || (site.animal !== undefined && animals.has(site.animal))) && (wanted === null || wanted.has(site.siteId)) ? [j] : [],
  )
  const pooled = [...new Set(before.map((j) => manifest.sites[j].region))]
  if (region === undefined && ids === undefined && minCeiling === undefined && pooled.length > 1)
    throw new VentralError('choose-sites', `The dataset has sites in ${pooled.join(', ')}. Say which to fit, for example "sites": {"region": "${pooled[0]}"}.`, [
      { pointer: '/sites', expected: `one of the regions ${pooled.join(', ')}, or a list of ids`, found: animal === undefined ? 'nothing' : 'an animal alone' },
    ])
  const after = minCeiling === undefined ? before : before.filter((j) => (rho.get(manifest.sites[j].siteId) ?? -Infinity) >= minCeiling)
  if (after.length === 0)
    throw new VentralError('choose-sites', 'No site is left after the choice of sites.', [{ pointer: '/sites', expected: 'at least one site', found: 'none' }])
  return { before, after }
}

/** Indices of the sites that a fit reports. */
export const chooseSites = (manifest: DatasetManifest, choice: SiteChoice | undefined): number[] => choosePopulation(manifest, choice).after

const checkAnimals = ({ sites }: DatasetManifest, asked: readonly string[]): Set<string> => {
  const animals = [...new Set(sites.flatMap(({ animal }) => animal ?? []))]
  const unknown = asked.find((name) => !animals.includes(name))
  if (unknown !== undefined || asked.length === 0)
    throw new VentralError(
      'choose-sites',
      animals.length === 0
        ? 'No site of the dataset names its animal. Import it with a table of sites that has a column "animal".'
        : `${unknown === undefined ? 'No animal is named' : `No site is of the animal "${unknown}"`}; the dataset has ${animals.join(', ')}.`,
      [{ pointer: '/sites/animal', expected: animals.join(' | ') || 'a dataset that names animals', found: unknown ?? 'nothing' }],
    )
  return new Set(asked)
}

const reliabilities = (manifest: DatasetManifest, minCeiling: number | undefined): Map<string, number | null> => {
  const { reliability } = manifest.report
  if (minCeiling !== undefined && reliability === null)
    throw new VentralError('choose-sites', 'minCeiling needs repetitions: this dataset has one response per stimulus, so no reliability.', [
      { pointer: '/sites/minCeiling', expected: 'a dataset with at least 2 repetitions', found: 'no repetitions' },
    ])
  return new Map(reliability?.sites.map((site) => [site.siteId, site.rho]) ?? [])
}
