import fs from 'node:fs/promises'
import path from 'node:path'
import type { ReportProgress } from '../../src/domain/progress.ts'
import { throwIfAborted } from '../../src/domain/progress.ts'
import { encodeNpy } from '../../src/numerics/npy.ts'
import type { EncodedStimulus } from './encode-stimulus.ts'
import { encodeStimulus } from './encode-stimulus.ts'
import { groundTruthActivations } from './ground-truth.ts'
import { driveOf } from './simulate/drives.ts'
import { record } from './simulate/record.ts'
import { planSites } from './simulate/sites.ts'
import { planStimuli } from './stimulus-plan.ts'
import type { Truth } from './tables.ts'
import { metadataTable, sitesTable, truthOf, window } from './tables.ts'
import { writeZip } from './write-zip.ts'

export type { Truth, TrueSite } from './tables.ts'

export interface DemoFiles {
  /** 640 images */
  stimuliZip: string
  /** spike counts, float32 (stimulus x site x repetition), NaN-padded */
  responses: string
  metadata: string
  sites: string
  /** truth.json, and its content */
  truth: string
  known: Truth
  /** the text fields of an import of these files */
  fields: Record<'name' | 'axes' | 'region' | 'unit' | 'timeBinMs' | 'visualDegrees', string>
  /** facts for the dataset's source */
  source: { simulated: 'true'; generator: string }
}

/** Part of the dataset's source: raise it when the files change. */
export const generatorRevision = 'data/demo, revision 1'

export interface DemoOptions {
  /** of the network that drives the sites; default 1 */
  threads?: number
  onProgress?: ReportProgress
  signal?: AbortSignal
}

const drawStimuli = async (plan: ReturnType<typeof planStimuli>, { onProgress, signal }: DemoOptions): Promise<EncodedStimulus[]> => {
  const files: EncodedStimulus[] = []
  for (const stimulus of plan) {
    throwIfAborted(signal)
    files.push(await encodeStimulus(stimulus))
    if (files.length % 16 === 0) onProgress?.({ stage: 'drawing stimuli', done: files.length, total: plan.length })
  }
  return files
}

/**
 * Makes the demo's dataset in `folder` (which must exist): 640 stimuli, 64 simulated sites in two animals, and the truth about them. Needs
 * neither network nor weights. The same files on every run on a machine; on another processor a few counts may differ by rounding.
 */
export const generateDemo = async (folder: string, options: DemoOptions = {}): Promise<DemoFiles> => {
  const { threads = 1, onProgress, signal } = options
  const plan = planStimuli()
  const images = await drawStimuli(plan, options)
  const activations = await groundTruthActivations(images, { threads, onProgress, signal })

  const planned = planSites()
  const { sites, counts, shape } = record(planned, planned.map((site) => driveOf(site, plan, activations)), plan.length)
  const known = truthOf(plan, sites)

  const at = (name: string): string => path.join(folder, name)
  const files = { stimuliZip: at('stimuli.zip'), responses: at('responses.npy'), metadata: at('metadata.csv'), sites: at('sites.csv'), truth: at('truth.json') }
  await writeZip(files.stimuliZip, images, signal)
  await fs.writeFile(files.responses, encodeNpy(counts, shape), { signal })
  await fs.writeFile(files.metadata, metadataTable(plan, images), { signal })
  await fs.writeFile(files.sites, sitesTable(sites), { signal })
  await fs.writeFile(files.truth, JSON.stringify(known, null, 2) + '\n', { signal })
  return {
    ...files,
    known,
    fields: {
      name: 'demo (simulated)',
      axes: 'stimulus,site,repetition',
      region: 'simulated',
      unit: 'count',
      timeBinMs: `${window.startMs},${window.endMs}`,
      visualDegrees: '8',
    },
    source: { simulated: 'true', generator: generatorRevision },
  }
}
