import type { Pooling } from '../../domain/backbone.ts'
import type { BackboneComparisonRequest, ComparedBackbone, ResolvedComparison, ResolvedEntry } from '../../domain/comparison.ts'
import type { DatasetManifest } from '../../domain/dataset.ts'
import { VentralError } from '../../domain/errors.ts'
import type { FitRequest } from '../../domain/fit.ts'
import { getDataset } from '../../storage/repositories/datasets.ts'
import type { PipelineContext } from '../context.ts'
import type { FindOffer, Offer } from '../offer.ts'
import { readManifest } from '../open-dataset.ts'
import { invalid } from '../refusals.ts'
import { networkName } from '../resolve-alongside.ts'
import { resolvePooling } from '../resolve-network.ts'
import { openOffers } from '../stored-offer.ts'
import { layersFor } from './area-layers.ts'
import { aboutEntry, refuseAll } from './refuse-entries.ts'

/** Fits of one comparison: each keeps its scores and predictions, and all are read for the table. */
const MAX_FITS = 400

/** One fit of a comparison, before it is resolved. */
export interface PlannedFit {
  name: string
  region: string
  /** of its backbone, in the request's `backbones` */
  entry: number
  body: FitRequest
}

export interface ComparisonPlan {
  request: ResolvedComparison
  /** region by region, the backbones in the order of the request */
  fits: PlannedFit[]
}

/** Regions of the dataset, as asked for or all. */
const resolveRegions = ({ sites }: DatasetManifest, asked: string[] | undefined): string[] => {
  const known = [...new Set(sites.map(({ region }) => region))]
  if (asked === undefined) return known
  if (asked.length === 0) throw invalid('/regions', 'at least one region', asked)
  for (const [i, region] of asked.entries()) {
    if (!known.includes(region)) throw invalid(`/regions/${i}`, `a region of the dataset (${known.join(', ')})`, region)
    if (asked.indexOf(region) !== i) throw invalid(`/regions/${i}`, 'named once', region)
  }
  return asked
}

const resolveEntry = (said: ComparedBackbone, offer: Offer, pointer: string, own: Pooling): ResolvedEntry => {
  const { layers: _, ...network } = offer.choose({ ...said, layers: said.areas === 'name' ? undefined : said.layers }, pointer, own)
  // What has no weights has no random ones either.
  const named = offer.graph?.params.length === 0 ? { ...network, weights: 'pretrained' as const } : network
  const { areas = 'search', step = areas === 'name' ? 'last' : null } = said
  const byName = areas === 'search' ? [] : ['by-name', ...(step === 'last' ? [] : [typeof step === 'number' ? `t${step}` : step!])]
  return { name: said.name ?? [networkName(offer, named, said, own), ...byName].join('/'), ...network, areas, step }
}

const checkNames = (entries: readonly ResolvedEntry[]): void => {
  for (const [i, { name }] of entries.entries())
    if (entries.findIndex((other) => other.name === name) !== i)
      throw invalid(`/backbones/${i}`, 'a backbone that is listed once: give it another "name", if it differs', name, `Two of the backbones would be called "${name}" in the table.`)
}

/** What the comparison of a request fits: every backbone in every region, checked as far as names go. */
export const planComparison = async (context: PipelineContext, said: BackboneComparisonRequest): Promise<ComparisonPlan> => {
  const { dataset, backbones, regions: askedRegions, sites = {}, ...shared } = said
  const manifest = await readManifest(context, await getDataset(context.db, dataset))
  const regions = resolveRegions(manifest, askedRegions)
  if (backbones.length * regions.length > MAX_FITS)
    throw new VentralError('does-not-fit', `${backbones.length} backbones in ${regions.length} regions are ${backbones.length * regions.length} fits; a comparison has at most ${MAX_FITS}. Make several comparisons: fits that two of them share are run once.`, [
      { pointer: '/backbones', expected: `at most ${Math.floor(MAX_FITS / regions.length)}`, found: String(backbones.length) },
    ])
  const pooling = resolvePooling('/pooling', said.pooling ?? 'none')
  const offers = await refuseAll(backbones, async (entry, i) => {
    const find: FindOffer = await aboutEntry(i, () => openOffers(context, { dataset, ...entry }))
    return aboutEntry(i, () => find(entry))
  })
  const entries = await refuseAll(backbones, (entry, i) => resolveEntry(entry, offers[i], `/backbones/${i}`, pooling))
  checkNames(entries)
  const layers = await refuseAll(backbones, (entry, i) => regions.map((region) => layersFor(entry, offers[i].graph, { region, timeBins: manifest.timeBins }, `/backbones/${i}`)))
  const fits = regions.flatMap((region, k) =>
    backbones.map(({ backbone, weights, seed, pooling: ownPooling }, entry): PlannedFit => {
      const own = Object.fromEntries(Object.entries({ weights, seed, layers: layers[entry][k], pooling: ownPooling }).filter(([, value]) => value !== undefined))
      return { name: entries[entry].name, region, entry, body: { dataset, backbone, ...shared, ...own, sites: { ...sites, region }, encoder: 'none' } }
    }),
  )
  return { request: { ...shared, dataset, backbones: entries, regions, sites }, fits }
}
