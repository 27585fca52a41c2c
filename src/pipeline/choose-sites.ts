import type { DatasetManifest } from '../domain/dataset.ts'
import { VentralError } from '../domain/errors.ts'
import type { SiteChoice } from '../domain/fit.ts'

/** Indices of the sites that a choice names, in dataset order. Several regions and no choice is refused: their scores must not be pooled by accident. */
export const chooseSites = (manifest: DatasetManifest, choice: SiteChoice | undefined): number[] => {
  const regions = [...new Set(manifest.sites.map((site) => site.region))]
  const isChosen = Object.values(choice ?? {}).some((condition) => condition !== undefined)
  if (!isChosen && regions.length > 1)
    throw new VentralError('choose-sites', `The dataset has sites in ${regions.join(', ')}. Say which to fit, for example "sites": {"region": "${regions[0]}"}.`, [
      { pointer: '/sites', expected: `one of the regions ${regions.join(', ')}, or a list of ids`, found: 'nothing' },
    ])
  const { region, ids, minCeiling } = choice ?? {}
  if (region !== undefined && !regions.includes(region))
    throw new VentralError('choose-sites', `No site lies in region "${region}"; the dataset has ${regions.join(', ')}.`, [
      { pointer: '/sites/region', expected: regions.join(' | '), found: region },
    ])
  const known = new Set(manifest.sites.map((site) => site.siteId))
  const unknown = ids?.find((id) => !known.has(id))
  if (unknown !== undefined)
    throw new VentralError('choose-sites', `The dataset has no site "${unknown}".`, [{ pointer: '/sites/ids', expected: 'ids of GET /datasets/{id}/sites', found: unknown }])
  const rho = reliabilities(manifest, minCeiling)
  const wanted = ids === undefined ? null : new Set(ids)
  const chosen = manifest.sites.flatMap((site, j) => {
    const reliable = minCeiling === undefined || (rho.get(site.siteId) ?? -Infinity) >= minCeiling
    return (region === undefined || site.region === region) && (wanted === null || wanted.has(site.siteId)) && reliable ? [j] : []
  })
  if (chosen.length === 0)
    throw new VentralError('choose-sites', 'No site is left after the choice of sites.', [{ pointer: '/sites', expected: 'at least one site', found: 'none' }])
  return chosen
}

const reliabilities = (manifest: DatasetManifest, minCeiling: number | undefined): Map<string, number | null> => {
  const { reliability } = manifest.report
  if (minCeiling !== undefined && reliability === null)
    throw new VentralError('choose-sites', 'minCeiling needs repetitions: this dataset has one response per stimulus, so no reliability.', [
      { pointer: '/sites/minCeiling', expected: 'a dataset with at least 2 repetitions', found: 'no repetitions' },
    ])
  return new Map(reliability?.sites.map((site) => [site.siteId, site.rho]) ?? [])
}
