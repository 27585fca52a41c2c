import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { canonicalJson } from '../../domain/canonical-json.ts'
import { getRegistration } from '../../storage/repositories/registrations.ts'
import type { PipelineContext } from '../context.ts'
import { fitScores, succeededFit } from '../fits.ts'
import { fitMethods } from '../methods/methods.ts'
import { readMe } from './read-me.ts'
import { streamZip } from './zip-stream.ts'
import type { ZipEntry, ZipStream } from './zip-stream.ts'

const script = new URL('./recompute.py', import.meta.url)

type Entry = ZipEntry & { sha256: string }

/** A file name of its own for each layer, whatever characters the layer's name has. */
const predictionsFile = (layer: string, i: number): string => `predictions/${String(i).padStart(3, '0')}-${layer.replaceAll(/[^A-Za-z0-9._-]/g, '_').slice(0, 100)}.npz`

/**
 * All that a fit's scores can be checked with, as one zip: predictions, responses, splits, request, scores, provenance, registration
 * and a script that recomputes the scores. The same fit gives the same bytes. Throws `not-found`, `fit-not-finished`.
 */
export const fitBundle = async (context: PipelineContext, id: string): Promise<ZipStream & { filename: string }> => {
  const { blobs, db } = context
  const fit = await succeededFit(context, id)
  const [scores, methods] = [await fitScores(context, id), await fitMethods(context, id)]
  const layers = scores.layers.flatMap(({ layer }, i) => (fit.predictions![layer] === undefined ? [] : [{ layer, predictions: predictionsFile(layer, i) }]))
  const text = (name: string, content: string): Entry => ({ name, bytes: Buffer.from(content), sha256: createHash('sha256').update(content).digest('hex') })
  const json = (name: string, value: unknown): Entry => text(name, `${JSON.stringify(value, null, 2)}\n`)
  const stored = async (name: string, sha256: string): Promise<Entry> => ({ name, path: blobs.path(sha256), size: await blobs.size(sha256), sha256 })

  const entries: Entry[] = [
    await stored('scores.json', fit.scores!),
    text('request.json', canonicalJson(fit.request)),
    json('provenance.json', scores.provenance),
    text('methods.md', methods.markdown),
    text('methods.tex', methods.latex),
    text('references.bib', methods.bibtex),
    text('recompute.py', fs.readFileSync(script, 'utf8')),
    ...(await Promise.all(Object.entries(fit.record ?? {}).map(([name, sha256]) => stored(name, sha256)))),
    ...(await Promise.all(layers.map(({ layer, predictions }) => stored(predictions, fit.predictions![layer])))),
  ]
  if (fit.registration !== null) {
    const { canonical } = await getRegistration(db, fit.registration.id)
    entries.push(json('registration.json', scores.registration), text('registered.json', canonical))
  }
  entries.push(text('README.md', readMe(id, scores, entries.map(({ name }) => name))))
  const files = entries.map((entry) => ({ name: entry.name, bytes: 'bytes' in entry ? entry.bytes.length : entry.size, sha256: entry.sha256 }))
  entries.push(json('bundle.json', { fit: id, layers, files: files.sort((a, b) => (a.name < b.name ? -1 : 1)) }))
  return { ...streamZip(entries), filename: `${id}.zip` }
}
