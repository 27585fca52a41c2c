import type { Pooling } from '../domain/backbone.ts'
import type { DatasetManifest } from '../domain/dataset.ts'
import { VentralError } from '../domain/errors.ts'
import type { Control, FitRequest, Mapping, ResolvedFit, SplitRequest } from '../domain/fit.ts'
import type { LayerGraph } from '../models/graph.ts'
import { chooseSites } from './choose-sites.ts'

/** 10^-6 … 10^6 by half decades, relative to the mean eigenvalue. */
const defaultAlphas = Array.from({ length: 25 }, (_, i) => 10 ** (-6 + i / 2))

const invalid = (pointer: string, expected: string, found: unknown, detail?: string): VentralError => {
  const shown = typeof found === 'string' ? found : (JSON.stringify(found) ?? 'nothing')
  return new VentralError('invalid-value', detail ?? `${pointer.slice(1)} must be ${expected}, not ${shown}.`, [{ pointer, expected, found: shown }])
}

const resolveLayers = (graph: LayerGraph, layers: FitRequest['layers'] = 'default'): string[] => {
  if (layers === 'default') return graph.layers.filter((layer) => layer.default).map((layer) => layer.name)
  if (layers === 'all') return graph.layers.map((layer) => layer.name)
  if (layers.length === 0) throw invalid('/layers', 'at least one layer', layers)
  const known = new Set(graph.layers.map((layer) => layer.name))
  for (const [i, layer] of layers.entries()) {
    if (!known.has(layer))
      throw new VentralError('unknown-layer', `${graph.id} has no layer "${layer}". GET /backbones/${graph.id} lists its layers.`, [
        { pointer: `/layers/${i}`, expected: `a layer of ${graph.id}`, found: layer },
      ])
    if (layers.indexOf(layer) !== i) throw invalid(`/layers/${i}`, 'named once', layer)
  }
  return layers
}

const resolvePooling = (pointer: string, pooling: Pooling): Pooling => {
  if (pooling !== 'none' && !(Number.isInteger(pooling.grid) && pooling.grid >= 1)) throw invalid(`${pointer}/grid`, 'a whole number of at least 1', pooling.grid)
  return pooling
}

const resolveMapping = (mapping: FitRequest['mapping'] = { method: 'ridge' }): Mapping => {
  if (mapping.method !== 'ridge') throw invalid('/mapping/method', '"ridge"', mapping.method)
  const alphas = [...(mapping.alphas ?? defaultAlphas)].sort((a, b) => a - b)
  const bad = alphas.find((alpha) => !(alpha > 0) || !Number.isFinite(alpha))
  if (alphas.length === 0 || bad !== undefined) throw invalid('/mapping/alphas', 'a list of numbers over 0', bad ?? alphas)
  if (new Set(alphas).size !== alphas.length) throw invalid('/mapping/alphas', 'numbers that differ', alphas)
  const folds = mapping.inner?.folds ?? 5
  if (!Number.isInteger(folds) || folds < 2) throw invalid('/mapping/inner/folds', 'a whole number of at least 2', folds)
  return { method: 'ridge', alphas, alphaUnits: mapping.alphaUnits ?? 'relative', alphaPer: mapping.alphaPer ?? 'site', inner: { folds } }
}

const checkColumn = (manifest: DatasetManifest, pointer: string, column: string | undefined): string => {
  if (column !== undefined && manifest.groupingColumns.includes(column)) return column
  const columns = manifest.groupingColumns.length > 0 ? manifest.groupingColumns.join(', ') : 'none'
  throw invalid(pointer, `a metadata column whose values recur (here: ${columns})`, column)
}

const resolveSplit = (manifest: DatasetManifest, split: FitRequest['split'] = { scheme: 'kfold' }): SplitRequest => {
  if (split.scheme === 'leaveonegroupout') return { scheme: 'leaveonegroupout', by: checkColumn(manifest, '/split/by', split.by) }
  const folds = split.folds ?? 10
  if (!Number.isInteger(folds) || folds < 2) throw invalid('/split/folds', 'a whole number of at least 2', folds)
  if (split.scheme === 'groupkfold') return { scheme: 'groupkfold', folds, by: checkColumn(manifest, '/split/by', split.by) }
  if (split.scheme !== 'kfold') throw invalid('/split/scheme', '"kfold", "groupkfold" or "leaveonegroupout"', split.scheme)
  const n = manifest.stimuli.length
  if (n < folds)
    throw new VentralError('too-few-stimuli', `${folds} folds need at least ${folds} stimuli; the dataset has ${n}. Ask for fewer folds.`, [
      { pointer: '/split/folds', expected: `at most ${n}`, found: String(folds) },
    ])
  return { scheme: 'kfold', folds, shuffle: split.shuffle ?? true, seed: split.seed ?? 1 }
}

const resolveControls = (controls: FitRequest['controls'] = []): Control[] =>
  controls.map((control, i) => {
    const { name, ...options } = typeof control === 'string' ? { name: control } : control
    const said = options
    // Pixels at full resolution would be 150,528 units of mostly noise, so the control is averaged to a 28 x 28 grid unless said otherwise.
    if (name === 'pixels') return { name, pooling: resolvePooling(`/controls/${i}/pooling`, said.pooling ?? { grid: 28 }) }
    if (name === 'random') return { name, seeds: said.seeds ?? [1, 2, 3, 4, 5] }
    throw invalid(`/controls/${i}`, '"pixels" or "random"', name)
  })

/** Fills in every default of a fit request and checks every name in it against the dataset and the backbone. */
export const resolveFit = (request: FitRequest, manifest: DatasetManifest, graph: LayerGraph): ResolvedFit => {
  const weights = request.weights ?? 'pretrained'
  if (weights !== 'pretrained' && weights !== 'random' && !/^sha256:[0-9a-f]{64}$/.test(weights)) throw invalid('/weights', '"pretrained", "random" or "sha256:…"', weights)
  const layers = resolveLayers(graph, request.layers)
  const encoder = request.encoder ?? 'best'
  if (encoder !== 'best' && encoder !== 'none' && !layers.includes(encoder)) throw invalid('/encoder', `"best", "none" or one of the fitted layers (${layers.join(', ')})`, encoder)
  const split = resolveSplit(manifest, request.split)
  const pooling = resolvePooling('/pooling', request.pooling ?? 'none')
  chooseSites(manifest, request.sites)
  for (const [i, column] of (request.alsoBy ?? []).entries()) checkColumn(manifest, `/alsoBy/${i}`, column)
  return {
    dataset: request.dataset,
    backbone: graph.id,
    weights: weights as ResolvedFit['weights'],
    seed: request.seed ?? 0,
    layers,
    pooling,
    mapping: resolveMapping(request.mapping),
    split,
    sites: request.sites ?? {},
    controls: resolveControls(request.controls),
    alsoBy: request.alsoBy ?? manifest.groupingColumns.filter((column) => !('by' in split) || split.by !== column),
    groupDuplicates: request.groupDuplicates ?? true,
    placement: request.placement ?? 'fill',
    encoder,
    selectBy: request.selectBy ?? 'correlation.median',
  }
}
