import path from 'node:path'
import type { Test } from 'tap'
import type { LookFormat } from '../../../src/domain/looks.ts'
import type { PipelineContext } from '../../../src/pipeline/context.ts'
import type { NamedImage } from '../../../src/pipeline/inside/images.ts'
import { runLook } from '../../../src/pipeline/inside/look-tasks.ts'
import type { LookRequestOf, LookTask } from '../../../src/pipeline/inside/look-tasks.ts'
import { createOpenNetworks } from '../../../src/pipeline/inside/open-networks.ts'
import { temporaryFolder, testConfig } from '../../helper/home.ts'
import { noisePng } from '../fixtures.ts'

/** Looks inside networks with random weights, which need no database: only the settings and the folder for temporary files are used. */
export const openLooks = (t: Test) => {
  const tmp = temporaryFolder(t)
  const networks = createOpenNetworks({ config: testConfig(path.join(tmp, 'home')), home: { folders: { tmp } } } as unknown as PipelineContext)
  t.teardown(() => networks.close())
  const look = <T extends LookTask>(task: T, request: LookRequestOf<T>, format: LookFormat, images: readonly NamedImage[]): Promise<Uint8Array> => runLook(networks, task, request, format, images)
  const report = async <R>(task: LookTask, request: LookRequestOf<typeof task>, images: readonly NamedImage[]): Promise<R> => JSON.parse(Buffer.from(await look(task, request, 'json', images)).toString()) as R
  return { networks, look, report }
}

export const noiseImages = (...names: string[]): NamedImage[] => names.map((name) => ({ name, bytes: noisePng(name, 24) }))
