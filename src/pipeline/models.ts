import { sha256OfFile } from '../datasets/source-file.ts'
import type { WeightsInfo } from '../domain/backbone.ts'
import { VentralError } from '../domain/errors.ts'
import { checkModelName, modelBackbone, modelName } from '../domain/given-model.ts'
import type { ModelSettings } from '../domain/given-model.ts'
import { getBackbone } from '../models/backbones/index.ts'
import { inspectModel } from '../models/given-onnx/inspect-model.ts'
import { toGraph } from '../models/given-onnx/manifest.ts'
import type { ModelManifest } from '../models/given-onnx/manifest.ts'
import type { LayerGraph } from '../models/graph.ts'
import { nearest } from '../models/nearest-names.ts'
import { holdBlobs, releaseBlobs } from '../storage/blob-references.ts'
import { deleteModel, findModel, insertModel, listModels } from '../storage/repositories/models.ts'
import type { ModelRow } from '../storage/repositories/models.ts'
import { addWeights, deleteWeights, getWeights } from '../storage/repositories/weights.ts'
import type { PipelineContext } from './context.ts'
import { withBlobs } from './with-blobs.ts'

type Stores = Pick<PipelineContext, 'db' | 'blobs'>

const unknown = async ({ db }: Pick<Stores, 'db'>, backbone: string, pointer: string): Promise<VentralError> => {
  const ids = (await listModels(db)).map(({ name }) => modelBackbone(name))
  const here = ids.length === 0 ? 'There are no models here yet' : `The nearest are ${nearest(backbone, ids).join(', ')}`
  return new VentralError('unknown-backbone', `There is no model "${backbone.slice(0, 120)}". ${here}; "ventral backbones add FILE.onnx --name NAME" adds one.`, [
    { pointer, expected: 'an id that GET /backbones lists', found: backbone.slice(0, 120) },
  ])
}

/** What is known of a user's model by its id, `onnx:NAME`. Throws `unknown-backbone`. */
export const modelManifest = async (context: Stores, backbone: string, pointer = '/backbone'): Promise<ModelManifest> => {
  const row = await findModel(context.db, modelName(backbone)!)
  if (row === null) throw await unknown(context, backbone, pointer)
  return JSON.parse((await context.blobs.read(row.manifest)).toString()) as ModelManifest
}

/** The layer graph of a user's model. Throws `unknown-backbone`. */
export const openModel = async (context: Stores, backbone: string, pointer?: string): Promise<LayerGraph> => toGraph(backbone, await modelManifest(context, backbone, pointer))

/** The layer graph of any backbone, built in or a user's own. Throws `unknown-backbone`. */
export const findBackbone = async (context: Stores, backbone: string, pointer?: string): Promise<LayerGraph> =>
  modelName(backbone) === null ? getBackbone(backbone, pointer) : openModel(context, backbone, pointer)

const sameSettings = (a: ModelSettings, b: ModelSettings): boolean => JSON.stringify([a.inputSize, a.mean, a.std]) === JSON.stringify([b.inputSize, b.mean, b.std])

/** Whether the model is here already; refused where the name stands for another one. */
const isHere = (row: ModelRow | null, { sha256, settings }: Pick<ModelRow, 'sha256' | 'settings'>): boolean => {
  if (row === null) return false
  if (row.sha256 === sha256 && sameSettings(row.settings, settings)) return true
  const what = row.sha256 === sha256 ? 'the same file with other settings' : `another file (sha256 ${row.sha256.slice(0, 12)})`
  throw new VentralError('invalid-value', `There is a model "${row.name}" already, of ${what}. A name never changes what it means: choose another, or delete that one first.`, [
    { pointer: '/name', expected: 'a new name', found: row.name },
  ])
}

// The names of models are one list for all owners, so that `onnx:NAME` means the same model in everybody's provenance.
const taken = (name: string): VentralError =>
  new VentralError('invalid-value', `The name "${name}" is taken by somebody else's model. Choose another.`, [{ pointer: '/name', expected: 'a new name', found: name }])

/**
 * Judges a user's ONNX file and keeps it as the backbone `onnx:NAME`; the same file with the same settings once more changes nothing. `file`
 * is left where it is. VentralErrors of inspectModel, and `invalid-value`.
 */
export const addModel = async (
  context: PipelineContext, name: string, file: string, { source, where, settings, owner = 'local', signal }: { source: string; where: string; settings: ModelSettings; owner?: string; signal?: AbortSignal },
): Promise<WeightsInfo> => {
  checkModelName(name)
  const backbone = modelBackbone(name)
  const sha256 = await sha256OfFile(file, signal)
  if (!isHere(await findModel(context.db, name), { sha256, settings })) {
    const manifest = await inspectModel(file, { where, settings, threads: context.config.threads }, { signal })
    await withBlobs(context, async (put) => {
      const blob = await put(file, { signal })
      if (blob !== sha256) throw new VentralError('damaged-file', `${where} changed while it was read. Add it again when it is whole.`)
      const kept = await put(Buffer.from(JSON.stringify(manifest)), { signal })
      const bytes = await context.blobs.size(blob)
      await context.db.transaction(async (tx) => {
        await holdBlobs(tx, context.blobs, [blob, kept])
        const card = { inputSize: manifest.inputSize, layerCount: manifest.layers.length }
        if (await insertModel(tx, { name, owner, sha256, manifest: kept, settings, card })) await addWeights(tx, { backbone, sha256, blob, source, licence: null, format: 'onnx', bytes })
        else if (!isHere(await findModel(tx, name), { sha256, settings })) throw taken(name) // somebody was faster, or it is somebody else's
      })
    })
  }
  const { source: from, licence, format, bytes } = await getWeights(context.db, backbone, sha256)
  return { sha256, source: from, licence, format, bytes }
}

/** Deletes a user's model. Throws `unknown-backbone`, `backbone-in-use`; `invalid-value` for backbones that are built in. */
export const deleteBackbone = async (context: PipelineContext, id: string): Promise<void> => {
  const name = modelName(id)
  if (name === null) throw new VentralError('invalid-value', `${getBackbone(id).id} is built in and cannot be deleted.`, [{ pointer: '/id', expected: 'the id of a model of your own, onnx:NAME', found: id }])
  const freed = await context.db.transaction(async (tx) => {
    const row = await deleteModel(tx, name)
    if (row === null) throw await unknown({ db: tx as Stores['db'] }, id, '/id')
    return [row.manifest, ...(await deleteWeights(tx, id))]
  })
  await releaseBlobs(context.db, context.blobs, freed)
}
