import fs from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { VentralError } from '../domain/errors.ts'
import { alignRows } from './align-rows.ts'
import { checkShape, writeCanonicalLayer } from './canonical-activations.ts'
import type { CanonicalLayer } from './canonical-activations.ts'
import { isNpzPerImage, readNpzPerImage } from './npz-per-image.ts'
import { isNumeric, listMembers, readNames } from './npz-members.ts'
import type { Member } from './npz-members.ts'
import { firstBytes, quoted, reportFullDisk, some } from './source-file.ts'
import type { SourceFile } from './source-file.ts'
import { openZip } from './zip.ts'
import type { ZipLimits } from './zip.ts'

/** The array that stands alone, and the layer's name where an array has none. */
const LONE = 'activations'
const IDS = 'stimulus_id'
/** Activations after a rectifier are mostly zeros and compress well; 200 times over 1 GB is no activations. */
const limits: ZipLimits = { entries: 200_000, entryBytes: 4e12, totalBytes: 4e12, ratio: 200, ratioFloor: 1e9 }
const MAX_NAME = 200
const MAX_ARRAYS = 2000

export interface ActivationsOptions {
  /** the dataset's, in its order */
  stimulusIds: readonly string[]
  /** the user's word for rows without names; `dataset-order` is the one there is */
  rows: string | null
  /** where files are written; the caller deletes it */
  workFolder: string
  signal?: AbortSignal
}

/**
 * Reads activations that other tools computed, each array into its stored form: an .npz with `stimulus_id` and either `activations` or
 * one array per layer, a zip of one .npz per image as Net2Brain writes them, or a bare .npy whose rows the user says to be in the dataset's order. Errors: VentralError that names the array,
 * what was expected and what was found.
 */
export const readActivations = async (file: SourceFile, options: ActivationsOptions): Promise<CanonicalLayer[]> => {
  const start = (await firstBytes(file.path, 8)).toString('latin1')
  if (start.startsWith('\x93NUMPY')) return [await fromNpy(file, options)]
  if (start.startsWith('PK')) return fromNpz(file, options)
  if (start === '') throw new VentralError('damaged-file', `${file.name} is empty.`, [{ pointer: file.name, expected: '.npz or .npy', found: 'an empty file' }])
  throw new VentralError('unsupported-format', `${file.name} is neither .npz nor .npy. Save the activations with numpy.savez(file, activations=X, stimulus_id=ids).`, [
    { pointer: file.name, expected: '.npz or .npy', found: `a file that starts with ${quoted(start)}` },
  ])
}

const fromNpy = async (file: SourceFile, { rows, stimulusIds, workFolder, signal }: ActivationsOptions): Promise<CanonicalLayer> => {
  if (rows !== 'dataset-order')
    throw new VentralError(
      'ambiguous-order',
      `${file.name} is a bare .npy, which does not say which row is which stimulus. Save an .npz with the ids beside it (numpy.savez(file, activations=X, stimulus_id=ids)), or say rows=dataset-order when the rows lie in the order of the dataset's stimuli.`,
      [{ pointer: '/rows', expected: 'dataset-order, or an .npz with stimulus_id', found: rows ?? 'nothing' }],
    )
  const order = Int32Array.from(stimulusIds, (_, i) => i)
  return writeCanonicalLayer({ name: LONE, path: file.path, where: file.name }, { order, stimulusIds, target: path.join(workFolder, 'layer-0.npy'), signal })
}

const fromNpz = async (file: SourceFile, { rows, stimulusIds, workFolder, signal }: ActivationsOptions): Promise<CanonicalLayer[]> => {
  if (rows !== null)
    throw new VentralError('unknown-field', `rows means nothing for an .npz, whose rows are named by ${IDS}: leave it out.`, [{ pointer: '/rows', expected: 'nothing', found: rows }])
  const zip = await openZip(file, limits)
  try {
    if (isNpzPerImage(zip)) return await readNpzPerImage(zip, { stimulusIds, workFolder, signal })
    if (zip.entries.length > MAX_ARRAYS)
      throw new VentralError('archive-bomb', `${file.name} lists ${zip.entries.length} entries; an .npz of layers may have ${MAX_ARRAYS}.`, [{ pointer: file.name, expected: `at most ${MAX_ARRAYS} arrays`, found: String(zip.entries.length) }])
    const members = await listMembers(zip)
    const arrays = chooseArrays(file.name, members)
    // by its own length, so that what is missing or too much can be named
    const ids = await readNames(zip, members, [IDS], members.find(({ name }) => name === IDS)!.header.shape[0] ?? -1, 'array')
    const order = alignRows({ file: file.name, given: ids!, stimulusIds })
    for (const { name, header } of arrays) checkShape(header, `${file.name}: ${name}`, stimulusIds.length)

    const layers: CanonicalLayer[] = []
    for (const [i, { name, entry }] of arrays.entries()) {
      const unpacked = path.join(workFolder, `unpacked-${i}.npy`)
      await reportFullDisk(() => pipeline(zip.read(entry), fs.createWriteStream(unpacked, { flags: 'wx' }), { signal }))
      const target = path.join(workFolder, `layer-${i}.npy`)
      layers.push(await writeCanonicalLayer({ name: name.normalize('NFC'), path: unpacked, where: `${file.name}: ${name}` }, { order, stimulusIds, target, signal }))
      // one array at a time lies on the disk twice
      for (const scratch of [unpacked, `${target}.rows`]) await fs.promises.rm(scratch, { force: true })
    }
    return layers
  } finally {
    zip.close()
  }
}

/** The arrays that are layers: `activations` alone, or all arrays of numbers but the ids. */
const chooseArrays = (file: string, members: readonly Member[]): Member[] => {
  const names = members.map(({ name }) => name.normalize('NFC'))
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw new VentralError('duplicate-id', `${file} holds two arrays ${quoted(twice)}. Give every array its own name.`, [{ pointer: `${file}: ${twice}`, expected: 'unique names', found: twice }])
  if (!names.includes(IDS))
    throw new VentralError('missing-field', `${file} has no array "${IDS}", so its rows belong to no stimulus. Save the ids beside the activations: numpy.savez(file, activations=X, stimulus_id=ids).`, [
      { pointer: `${file}: ${IDS}`, expected: 'one id per row', found: some(names, 10) || 'no arrays' },
    ])
  const arrays = members.filter(({ name }) => name !== IDS)
  if (arrays.length === 0)
    throw new VentralError('missing-field', `${file} holds ids but no activations. Save them as "${LONE}", or one array per layer.`, [{ pointer: `${file}: ${LONE}`, expected: 'stimulus x unit', found: 'nothing' }])
  const text = arrays.find((member) => !isNumeric(member))
  if (text !== undefined)
    throw new VentralError('unsupported-dtype', `${file}: ${text.name} holds text. Beside "${IDS}" there are only arrays of numbers, each a layer.`, [
      { pointer: `${file}: ${text.name}`, expected: 'numbers', found: text.header.descr },
    ])
  const others = arrays.filter(({ name }) => name !== LONE)
  if (others.length > 0 && others.length < arrays.length)
    throw new VentralError(
      'unknown-field',
      `${file} holds "${LONE}" and also ${some(others.map(({ name }) => name))}: it is not clear what these are. Save "${LONE}" alone, or give every layer a name of its own.`,
      [{ pointer: file, expected: `"${LONE}" and "${IDS}", or layers by other names`, found: some(others.map(({ name }) => name)) }],
    )
  const long = arrays.find(({ name }) => name.length > MAX_NAME)
  if (long !== undefined)
    throw new VentralError('invalid-value', `${file}: the name of the array ${quoted(long.name)} is over ${MAX_NAME} characters.`, [{ pointer: file, expected: `at most ${MAX_NAME} characters`, found: quoted(long.name) }])
  return arrays
}
