import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { loadConfig, type Config } from '../../src/config.ts'
import { openContext, type PipelineContext } from '../../src/pipeline/context.ts'
import type { DatasetFacts, NewDataset } from '../../src/storage/repositories/datasets.ts'
import type { ResolvedFit } from '../../src/domain/fit.ts'

interface Teardown {
  teardown(fn: () => unknown): void
}

/** A folder that goes when the test ends. */
export const temporaryFolder = (t: Teardown): string => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ventral-test-'))
  t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }))
  return folder
}

export const testConfig = (home: string): Config => loadConfig({ home, threads: 1 }, {})

/** A context on a data folder of its own, with its own database; closed when the test ends. */
export const openTestContext = async (t: Teardown): Promise<PipelineContext> => {
  // Teardowns run last in, first out: close before the folder goes.
  const config = testConfig(path.join(temporaryFolder(t), 'home'))
  const context = await openContext(config)
  t.teardown(() => context.close())
  return context
}

export const someFacts: DatasetFacts = {
  stimuli: 10,
  sites: 5,
  regions: { IT: 5 },
  repetitions: { min: 1, max: 1 },
  timeBins: null,
  unit: 'other',
  objects: null,
  ceiling: null,
  groupingColumns: [],
  simulated: false,
  warnings: [],
}

const sha = (digit: string): string => digit.repeat(64)

export const someDataset = (id: string, change: Partial<NewDataset> = {}): NewDataset => ({
  id,
  owner: 'local',
  name: `dataset ${id}`,
  sha256: sha('a'),
  manifest: sha('b'),
  responses: sha('c'),
  stimuli: sha('d'),
  summary: someFacts,
  ...change,
})

export const someRequest = (dataset: string): ResolvedFit => ({
  dataset,
  backbone: 'pixels',
  weights: 'random',
  seed: 0,
  layers: ['pixels'],
  pooling: 'none',
  mapping: { method: 'ridge', alphas: [1e-6, 1, 10], alphaUnits: 'relative', alphaPer: 'site', inner: { folds: 5 } },
  split: { scheme: 'kfold', folds: 2, shuffle: true, seed: 1 },
  sites: {},
  controls: [],
  alsoBy: [],
  groupDuplicates: true,
  placement: 'fill',
  encoder: 'best',
  selectBy: 'correlation.median',
})
