import { VentralError } from '../domain/errors.ts'
import type { Site } from '../domain/dataset.ts'
import { columnOf } from './csv.ts'
import type { Table } from './csv.ts'
import { quoted, some } from './source-file.ts'

export const siteIdColumns = ['site_id', 'neuroid_id'] as const
const ownColumns: readonly string[] = [...siteIdColumns, 'region', 'animal']

/** What the responses say about their site axis. `ids` is null where the axis is bare. */
export interface SiteAxis {
  file: string
  count: number
  ids: string[] | null
  regions: string[] | null
  animals: string[] | null
  metadata: Record<string, string>[] | null
}

const unnamedId = (index: number, count: number): string => `site-${String(index + 1).padStart(String(count).length, '0')}`

const refuseRepeats = (file: string, ids: readonly string[]): void => {
  const seen = new Set<string>()
  for (const id of ids) {
    if (seen.has(id))
      throw new VentralError('duplicate-id', `${file}: the site ${quoted(id)} occurs twice. Give every site its own site_id.`, [
        { pointer: `${file}: site_id`, expected: 'unique values', found: quoted(id) },
      ])
    seen.add(id)
  }
}

const mismatch = (detail: string, file: string, expected: string, found: string): VentralError =>
  new VentralError('count-mismatch', detail, [{ pointer: file, expected, found }])

/** Row of the table for each site of the responses: by id where the responses name their sites, else one for one. */
const tableRows = (axis: SiteAxis, file: string, tableIds: readonly string[] | null, rows: number): number[] => {
  if (axis.ids !== null && tableIds !== null) {
    const byId = new Map(tableIds.map((id, i) => [id, i]))
    const unknown = axis.ids.filter((id) => !byId.has(id))
    if (unknown.length > 0)
      throw mismatch(
        `${file} has no row for ${unknown.length} sites of ${axis.file}: ${some(unknown)}. Give every site a row with its site_id.`,
        file,
        `rows for ${axis.count} sites`,
        `${axis.count - unknown.length} that match`,
      )
    return axis.ids.map((id) => byId.get(id)!)
  }
  if (rows !== axis.count)
    throw mismatch(
      `${file} has ${rows} rows and ${axis.file} has ${axis.count} sites. They must be equal: check the axes, or the table.`,
      file,
      `${axis.count} rows`,
      `${rows} rows`,
    )
  return Array.from({ length: rows }, (_, i) => i)
}

/**
 * The sites in the order of the responses' site axis. A table's `region` and `animal` win over the import's `region`; sites without
 * a name become site-1, site-2, ... Errors: count-mismatch, duplicate-id.
 */
export const readSites = (axis: SiteAxis, table: Table | null, defaultRegion: string | null): Site[] => {
  const region = defaultRegion ?? 'unknown'
  if (axis.ids !== null) refuseRepeats(axis.file, axis.ids)
  if (table === null) {
    return Array.from({ length: axis.count }, (_, i) => ({
      siteId: axis.ids?.[i] ?? unnamedId(i, axis.count),
      region: axis.regions?.[i] || region,
      ...(axis.animals?.[i] ? { animal: axis.animals[i] } : {}),
      metadata: axis.metadata?.[i] ?? {},
    }))
  }
  const ids = columnOf(table, siteIdColumns)?.values ?? null
  if (ids?.includes('')) throw new VentralError('missing-field', `${table.file.name}: line ${table.rows[ids.indexOf('')].line} has no site_id. Fill it in.`)
  if (ids !== null) refuseRepeats(table.file.name, ids)
  const rows = tableRows(axis, table.file.name, ids, table.rows.length)
  const regions = columnOf(table, ['region'])?.values ?? null
  const animals = columnOf(table, ['animal'])?.values ?? null
  return rows.map((row, i) => ({
    siteId: ids?.[row] ?? axis.ids?.[i] ?? unnamedId(i, axis.count),
    region: regions?.[row] || axis.regions?.[i] || region,
    ...(animals?.[row] || axis.animals?.[i] ? { animal: animals?.[row] || axis.animals![i] } : {}),
    metadata: {
      ...axis.metadata?.[i],
      ...Object.fromEntries(table.columns.flatMap((name, column) => (ownColumns.includes(name) ? [] : [[name, table.rows[row].cells[column]] as const]))),
    },
  }))
}
