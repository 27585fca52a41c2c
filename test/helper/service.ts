import { createHash } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import type { Test } from 'tap'
import { VentralError } from '../../src/domain/errors.ts'
import type { FitRequest } from '../../src/domain/fit.ts'
import type { PipelineContext } from '../../src/pipeline/context.ts'
import { buildApp } from '../../src/server/app.ts'
import type { AppOptions } from '../../src/server/app.ts'
import type { FitView } from '../../src/pipeline/fits.ts'
import type { LookFormat } from '../../src/domain/looks.ts'
import type { NamedImage } from '../../src/pipeline/inside/images.ts'
import type { Looks } from '../../src/pipeline/inside/looks.ts'
import type { Predictor } from '../../src/pipeline/predict.ts'
import type { FitWatch, Pipeline, Services } from '../../src/server/services.ts'
import type { App } from '../../src/server/types.ts'
import type { FitEvent } from '../../src/storage/repositories/fit-events.ts'
import type { IdempotencyKey, StoredAnswer } from '../../src/storage/repositories/idempotency.ts'
import { noComparisons } from './no-comparisons.ts'
import { noKeys } from './no-keys.ts'
import { noRdms } from './no-rdms.ts'
import { activations, backbone, dataset, encoder, registration as someRegistration, scores } from './service-fixtures.ts'

/** An in-memory pipeline behind the real routes: keeps what it was given and answers as the real one does, without numbers. */
export interface Double {
  services: Services
  /** what imports were given, with the sizes and hashes of their files at that time */
  imports: { fields: Record<string, string>; files: Record<string, { name: string; bytes: number; sha256: string }> }[]
  fits: Map<string, FitView>
  weights: { backbone: string; bytes: number; source: string; settings?: object }[]
  images: Uint8Array[][]
  /** looks inside networks; each is answered by the words `TASK as FORMAT` */
  looks: { task: string; request: unknown; format: LookFormat; images: readonly NamedImage[] }[]
  tensors: { pixels: Float32Array; images: number }[]
  /** adds an event to a fit, and tells its watchers */
  emit: (fit: string, type: FitEvent['type'], data: Record<string, unknown>) => void
  watchers: () => number
  home: string
}

const missing = (kind: string, id: string): VentralError => new VentralError('not-found', `There is no ${kind} "${id}".`)

export const makeDouble = (home: string): Double => {
  const fits = new Map<string, FitView>()
  const events = new Map<string, FitEvent[]>()
  const watchers = new Map<string, Set<() => void>>()
  const answers = new Map<string, { bodySha256: string; answer: StoredAnswer }>()
  const imports: Double['imports'] = []
  const weights: Double['weights'] = []
  const images: Uint8Array[][] = []
  const looked: Double['looks'] = []
  const tensors: Double['tensors'] = []
  let lastEvent = 0

  const once = (key: IdempotencyKey | null, work: () => StoredAnswer): StoredAnswer => {
    if (key === null) return work()
    const name = [key.owner, key.route, key.key].join(' ')
    const before = answers.get(name)
    if (before !== undefined && before.bodySha256 !== key.bodySha256) throw new VentralError('idempotency-key-reused', 'The key was used for another body.')
    const answer = before?.answer ?? work()
    answers.set(name, { bodySha256: key.bodySha256, answer })
    return answer
  }
  const emit: Double['emit'] = (fit, type, data) => {
    events.set(fit, [...(events.get(fit) ?? []), { id: ++lastEvent, type, data }])
    for (const call of watchers.get(fit) ?? []) call()
  }
  const fitOf = (id: string): FitView => {
    const fit = fits.get(id)
    if (fit === undefined) throw missing('fit', id)
    return fit
  }
  const prediction = (rates: number[][]) => ({ encoder: encoder.id, layer: encoder.layer, unit: encoder.unit, sites: encoder.sites, rates })

  const pipeline: Pipeline = {
    importDataset: async (_context, { files, fields, idempotency }) => {
      if (fields.name === 'throws') throw new TypeError('a defect with a secret in its text')
      if (fields.name === 'full') throw Object.assign(new Error('write ENOSPC'), { code: 'ENOSPC' })
      const described = Object.entries(files as Record<string, string>).map(([key, file]) => {
        const bytes = fs.readFileSync(file)
        return [key, { name: path.basename(file), bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }]
      })
      return once(idempotency, () => {
        imports.push({ fields, files: Object.fromEntries(described) as Double['imports'][number]['files'] })
        const body = { ...dataset, id: `d${imports.length}`, name: fields.name ?? 'unnamed' }
        return { status: 201, headers: { location: `/datasets/${body.id}` }, body }
      })
    },
    listDatasets: async (_context, { limit = 50 }) => ({ items: [dataset].slice(0, limit), next: null }),
    datasetSummary: async (_context, id) => {
      if (id !== dataset.id) throw missing('dataset', id)
      return dataset
    },
    deleteDataset: async (_context, id) => {
      if (id === dataset.id) throw new VentralError('dataset-in-use', 'A fit uses it.')
    },
    stimulusBytes: async (_context, _id, stimulusId) => {
      if (stimulusId !== 'a/1 ä.png') throw missing('stimulus', stimulusId)
      return { bytes: Buffer.from('PNG'), mediaType: 'image/png' }
    },
    datasetResponses: async () => {
      throw new VentralError('not-found', 'no responses')
    },
    datasetSites: async () => ['a', 'b', 'c'].map((id) => ({ id, region: 'IT', ceiling: null, note: 'one repetition', constant: false, metadata: {} })),
    describeBackbones: async () => [backbone].map(({ layers: _, ...summary }) => summary),
    describeBackbone: async (_context, id) => {
      if (id !== backbone.id) throw new VentralError('unknown-backbone', `There is no backbone "${id}".`)
      return backbone
    },
    addWeights: async (_context, id, file, { source }) => {
      weights.push({ backbone: id, bytes: fs.statSync(file).size, source })
      return { sha256: '0'.repeat(64), source, licence: null, format: 'pth', bytes: fs.statSync(file).size }
    },
    addModel: async (_context, name, file, { source, settings }) => {
      weights.push({ backbone: `onnx:${name}`, bytes: fs.statSync(file).size, source, settings })
      return { sha256: '0'.repeat(64), source, licence: null, format: 'onnx', bytes: fs.statSync(file).size }
    },
    deleteBackbone: async (_context, id) => {
      if (id === 'onnx:used') throw new VentralError('backbone-in-use', 'A fit rests on it.')
    },
    putActivations: async (_context, { name, dataset, source, file, rows }) => ({
      ...activations, name, dataset, source, uploadSha256: file.sha256, layers: activations.layers.map((layer) => ({ ...layer, name: rows ?? layer.name, bytes: fs.statSync(file.path).size })),
    }), // prettier-ignore
    listActivations: async (_context, { dataset }) => ({ items: [activations].filter((version) => dataset === undefined || version.dataset === dataset), next: null }),
    activationsVersions: async (_context, name) => {
      if (name !== activations.name) throw missing('activations', name)
      return [activations]
    },
    deleteActivations: async (_context, name) => {
      if (name === activations.name) throw new VentralError('activations-in-use', 'A fit rests on them.')
    },
    createFit: async (_context, request: FitRequest, { idempotency, register, registration }) =>
      once(idempotency, () => {
        const id = `f${fits.size + 1}`
        const times = { createdAt: '2024-01-01T00:00:00.000Z', startedAt: null, finishedAt: null }
        fits.set(id, { id, status: 'queued', dataset: request.dataset, backbone: request.backbone, progress: null, request: request as FitView['request'], encoder: null, error: null, peakRssBytes: null, registration: null, ...times })
        if (register === true || registration !== undefined) fits.set(id, { ...fits.get(id)!, registration: { ...someRegistration, id: registration ?? someRegistration.id } })
        emit(id, 'status', { status: 'queued' })
        return { status: 202, headers: { location: `/fits/${id}` }, body: fits.get(id) }
      }),
    describeRegistration: async (_context, id) => {
      if (id !== someRegistration.id) throw missing('registration', id)
      return { ...someRegistration, canonical: '{}', fits: [] }
    },
    estimateFit: async () => ({ memoryBytes: 1e9, diskBytes: 2e9, seconds: 60, fits: true, warnings: [] }),
    getFit: async (_context, id) => fitOf(id),
    listFits: async (_context, { status }) => ({ items: [...fits.values()].filter((fit) => status === undefined || fit.status === status), next: null }),
    cancelFit: async (_context, id) => {
      const fit = fitOf(id)
      if (fit.status !== 'queued' && fit.status !== 'running') throw new VentralError('already-finished', 'It has ended.')
      fits.set(id, { ...fit, status: 'cancelled' })
      return fitOf(id)
    },
    fitScores: async (_context, id) => {
      if (fitOf(id).status !== 'succeeded') throw new VentralError('fit-not-finished', 'The fit has not finished.')
      return scores
    },
    fitPredictions: async (_context, id, layer) => {
      const file = path.join(home, 'predictions')
      fs.writeFileSync(file, `npz of ${layer}`)
      return { path: file, filename: `${id} ${layer}.npz` }
    },
    fitMethods: async (_context, id) => {
      if (fitOf(id).status !== 'succeeded') throw new VentralError('fit-not-finished', 'The fit has not finished.')
      return { markdown: '# Methods', latex: '\\section*{Methods}', bibtex: '@misc{ventral}' }
    },
    fitBundle: async (_context, id) => {
      if (fitOf(id).status !== 'succeeded') throw new VentralError('fit-not-finished', 'The fit has not finished.')
      return { stream: Readable.from([Buffer.from('bundle of '), Buffer.from(id)]), bytes: 12, filename: `${id}.zip` }
    },
    fitEvents: async (_context, id, after) => (events.get(id) ?? []).filter((event) => event.id > after),
    classifyUpload: async () => {
      throw missing('classification', 'here')
    },
    createEncoder: async (_context, { fit, layer }) => ({ ...encoder, fit, layer }),
    listEncoders: async () => ({ items: [encoder], next: null }),
    getEncoder: async (_context, id) => {
      if (id !== encoder.id) throw missing('encoder', id)
      return encoder
    },
    encoderModelFile: async () => {
      const file = path.join(home, 'model')
      fs.writeFileSync(file, 'onnx')
      return { path: file, filename: 'model.onnx' }
    },
    encoderReadout: async () => ({ path: path.join(home, 'no such file'), filename: 'readout.npz' }),
    ...noRdms,
    ...noComparisons,
    ...noKeys,
  }
  const predictor: Predictor = {
    predict: async (id, given) => {
      if (id === 'busy') throw new VentralError('busy', 'The queue is full.')
      images.push(given)
      return prediction(given.map((image) => [image.length, -1]))
    },
    infer: async (_id, pixels, count) => {
      tensors.push({ pixels, images: count })
      return prediction(Array.from({ length: count }, (_, i) => [i, -1]))
    },
    close: async () => {},
  }
  const looks: Looks = {
    look: async (task, request, format, images) => {
      looked.push({ task, request, format, images })
      return Buffer.from(`${task} as ${format}`)
    },
    close: async () => {},
  }
  const fitWatch: FitWatch = {
    subscribe: (fit, onChange) => {
      const set = watchers.get(fit) ?? new Set()
      watchers.set(fit, set.add(onChange))
      return () => void set.delete(onChange)
    },
  }
  const context = { home: { folders: { tmp: path.join(home, 'tmp') } }, db: { query: async () => ({ rows: [], rowCount: 0 }) } } as unknown as PipelineContext
  return {
    services: { context, pipeline, predictor, looks, fitWatch },
    imports,
    fits,
    weights,
    images,
    looks: looked,
    tensors,
    emit,
    watchers: () => [...watchers.values()].reduce((sum, set) => sum + set.size, 0),
    home,
  }
}

export interface TestService extends Double {
  app: App
  url: string
}

/** The real app over a double, listening on a loopback port until the test ends. */
export const startService = async (t: Test, options: Partial<AppOptions> = {}): Promise<TestService> => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'ventral-service-'))
  const double = makeDouble(home)
  const app = buildApp(double.services, { host: '127.0.0.1', port: 0, apiKey: null, dashboardFolder: path.join(home, 'page'), ...options })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(async () => {
    await app.close()
    fs.rmSync(home, { recursive: true, force: true })
  })
  return { ...double, app, url }
}
