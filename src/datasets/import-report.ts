import type { ImportReport, ResponseUnit, Site, TimeBin } from '../domain/dataset.ts'
import type { OpenResponses } from './responses.ts'
import type { ResponseShape, ResponseSummary } from './responses-summary.ts'
import { some } from './source-file.ts'

/** The report's part that the responses alone tell; duplicates and reliability need the images and the statistics. */
export type ResponseReport = Pick<ImportReport, 'repetitions' | 'missing' | 'constantSites'>

export const reportResponses = ({ repetitions, missing, constantSites }: ResponseSummary, sites: readonly Site[]): ResponseReport => ({
  repetitions,
  missing,
  constantSites: constantSites.map((site) => sites[site].siteId),
})

export interface ImportFacts {
  responses: OpenResponses
  shape: ResponseShape
  report: ResponseReport
  unit: ResponseUnit
  unitStated: boolean
  timeBins: TimeBin[] | null
}

/** What the user should know about responses that were accepted. */
export const responseWarnings = ({ responses, shape, report, unit, unitStated, timeBins }: ImportFacts): string[] => {
  const { stimuli, sites, timeBins: bins } = shape
  const { constantSites, missing } = report
  return [
    ...(responses.axesAssumed && stimuli === sites
      ? [
          `${responses.file} has as many stimuli as sites (${sites}), and its axes were not stated: ${responses.axes.join(', ')} was assumed. ` +
            'State the axes to be sure.',
        ]
      : []),
    ...(bins > 1 && timeBins === null ? [`${responses.file} has ${bins} time bins whose windows are unknown; state them as timeBinMs.`] : []),
    ...(constantSites.length > 0
      ? [`${constantSites.length} sites respond to every stimulus alike, so their scores will be null: ${some(constantSites)}.`]
      : []),
    ...(missing.cells > 0
      ? [`${missing.cells} of ${stimuli * sites * bins} responses (stimulus x site${bins > 1 ? ' x time bin' : ''}) have no valid repetition.`]
      : []),
    ...(unitStated ? [] : [`The unit was not stated; ${unit} was taken because ${unit === 'other' ? 'there are negative values' : 'no value is negative'}.`]),
  ]
}
