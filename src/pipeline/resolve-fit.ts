import { activationsName } from '../domain/activations.ts'
import type { Pooling } from '../domain/backbone.ts'
import type { DatasetManifest } from '../domain/dataset.ts'
import type { Control, FitRequest, ResolvedFit, SplitRequest } from '../domain/fit.ts'
import { VentralError } from '../domain/errors.ts'
import { isGrouped } from '../encoding/splits/split-scheme.ts'
import { isJoint } from './bands.ts'
import { chooseSites } from './choose-sites.ts'
import { resolvePermutations } from './resolve-permutations.ts'
import { invalid, refuseOthers } from './refusals.ts'
import { resolveAlongside } from './resolve-alongside.ts'
import { namedLayers } from './fit-networks.ts'
import { findNetwork } from './offer.ts'
import type { FindOffer, Offer } from './offer.ts'
import { refuseRandomControl } from './refuse-random.ts'
import { resolveEncoder } from './resolve-encoder.ts'
import { resolvePooling } from './resolve-network.ts'
import { checkJoint } from './resolve-joint-mapping.ts'
import { resolveMapping } from './resolve-mapping.ts'
import { resolveProtocol } from './resolve-protocol.ts'
import { checkColumn, resolveSplit } from './resolve-split.ts'
import { canHoldOut } from './generalisation.ts'
import { checkReference, isReference, referenceEncoder } from './reference/check-reference.ts'
import { withoutImages } from './stimulus-files.ts'
import { resolveReduction, withOuterFolds } from './primal/resolve-reduction.ts'

const resolveControl = (control: string | { name: string; pooling?: Pooling; seeds?: number[] }, pointer: string, pixels: Pooling): Control => {
  const { name, ...options } = typeof control === 'string' ? { name: control } : control
  if (name === 'pixels') {
    refuseOthers(pointer, options, ['pooling'], 'the control "pixels"')
    return { name, pooling: resolvePooling(`${pointer}/pooling`, options.pooling ?? pixels) }
  }
  if (name !== 'random') throw invalid(pointer, '"pixels" or "random"', name)
  refuseOthers(pointer, options, ['seeds'], 'the control "random" (it takes the pooling of the fit)')
  const seeds = options.seeds ?? [1, 2, 3, 4, 5]
  if (seeds.length === 0 || new Set(seeds).size !== seeds.length) throw invalid(`${pointer}/seeds`, 'at least one seed, each once', seeds)
  return { name, seeds }
}

/** Pixels at full resolution are 150,528 units of mostly noise, so the control is averaged to a grid unless said otherwise. */
const PIXEL_GRID: Pooling = { grid: 28 }

const resolveControls = (controls: FitRequest['controls'] = [], { id, graph }: Offer, pixels: Pooling = PIXEL_GRID): Control[] => {
  const resolved = controls.map((control, i) => resolveControl(control, `/controls/${i}`, pixels))
  for (const [i, { name }] of resolved.entries()) if (resolved.findIndex((other) => other.name === name) !== i) throw invalid(`/controls/${i}`, 'named once', name)
  const random = resolved.findIndex(({ name }) => name === 'random')
  if (random >= 0 && graph === null)
    throw invalid(`/controls/${random}`, '"pixels"', 'random', `${id} are activations from elsewhere: there is no network here whose weights could be made random. Store those of a random network, and compare the two fits.`)
  if (random >= 0) refuseRandomControl(graph!, `/controls/${random}`)
  return resolved
}

/** The further grouped splits: as asked, else by every column that has groups enough and is not the split's own. */
const resolveAlsoBy = (manifest: DatasetManifest, asked: FitRequest['alsoBy'], split: SplitRequest): string[] => {
  if (asked === undefined) return manifest.groupingColumns.filter((column) => canHoldOut(manifest, column) && !isOwnColumn(split, column))
  for (const [i, column] of asked.entries()) {
    checkColumn(manifest, `/alsoBy/${i}`, column)
    if (asked.indexOf(column) !== i) throw invalid(`/alsoBy/${i}`, 'named once', column)
  }
  return asked
}

/** A stratified split holds out no whole group of its column, so that one is told beside it. */
const isOwnColumn = (split: SplitRequest, column: string): boolean => (isGrouped(split) || split.scheme === 'given') && split.by === column

/** A dataset that came without images takes nothing that would be run on them. */
const refuseImages = (request: FitRequest, { images }: DatasetManifest, find: FindOffer): void => {
  if (images !== false) return
  const { dataset, alongside = [], controls = [] } = request
  if (find(request).graph !== null) throw withoutImages(dataset, '/backbone')
  for (const [i, entry] of alongside.entries()) if (find(entry, `/alongside/${i}`).graph !== null) throw withoutImages(dataset, `/alongside/${i}/backbone`)
  for (const [i, control] of controls.entries()) if (control === 'pixels' || (typeof control !== 'string' && control.name === 'pixels')) throw withoutImages(dataset, `/controls/${i}`)
}

/** Degrees can be kept only of images whose size is known, and images can be placed only where there are any. */
const checkPlacement = ({ placement = 'fill' }: FitRequest, manifest: DatasetManifest, networks: readonly { backbone: string }[]): void => {
  if (placement !== 'fill' && networks.every(({ backbone }) => activationsName(backbone) !== null))
    throw new VentralError('invalid-value', 'placement: activations from elsewhere have no images to place: leave it out.', [{ pointer: '/placement', expected: 'nothing', found: placement }])
  if (placement === 'degrees' && manifest.visualDegrees === null)
    throw new VentralError('missing-field', 'placement "degrees" needs the width of the stimuli in degrees, which the dataset does not state. Import it with visualDegrees, or leave placement out.', [
      { pointer: '/placement', expected: 'fill or pad-square, or a dataset with visualDegrees', found: 'degrees' },
    ])
}

/** Fills in every default of a fit request and checks every name in it against the dataset and what `find` finds. */
export const resolveFit = (request: FitRequest, manifest: DatasetManifest, find: FindOffer = findNetwork): ResolvedFit => {
  const own = find(request).choose(request, '', 'none')
  const alongside = resolveAlongside(request.alongside, own, find)
  refuseImages(request, manifest, find)
  checkPlacement(request, manifest, [own, ...alongside])
  const prescribed = resolveProtocol(request, manifest)
  const split = prescribed?.split ?? resolveSplit(manifest, request.split)
  chooseSites(manifest, request.sites)
  const mapping = prescribed?.mapping ?? resolveMapping(request.mapping)
  const networks = [{ name: null, ...own }, ...alongside]
  if (isJoint(mapping)) checkJoint(mapping, request, manifest, namedLayers(networks).map(({ name }) => name))
  const reduction = resolveReduction(request, manifest, mapping, split)
  const encoder = isReference(mapping) ? referenceEncoder(request.encoder) : resolveEncoder(request.encoder, networks, mapping)
  const resolved: ResolvedFit = {
    dataset: request.dataset,
    ...own,
    ...(alongside.length === 0 ? {} : { alongside }),
    mapping: reduction === null ? mapping : withOuterFolds(mapping, split),
    split,
    sites: request.sites ?? {},
    controls: resolveControls(request.controls, find(request), prescribed?.pixels),
    alsoBy: resolveAlsoBy(manifest, request.alsoBy, split),
    groupDuplicates: prescribed?.groupDuplicates ?? request.groupDuplicates ?? true,
    placement: request.placement ?? 'fill',
    encoder,
    selectBy: request.selectBy ?? prescribed?.selectBy ?? 'correlation.median',
    ...(prescribed === null ? {} : { protocol: prescribed.protocol }),
    ...(reduction === null ? {} : { reduction }),
    ...resolvePermutations(request.permutations, { mapping, ...(reduction === null ? {} : { reduction }) }),
    ...(request.layerFrom === undefined ? {} : { layerFrom: request.layerFrom }),
  }
  checkReference(resolved, manifest.stimuli.length, find)
  return resolved
}
