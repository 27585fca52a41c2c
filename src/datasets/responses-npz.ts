import fs from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Axis } from '../domain/dataset.ts'
import { VentralError } from '../domain/errors.ts'
import { filenameColumns, stimulusIdColumns } from './metadata.ts'
import { isNumeric, listMembers, readNames } from './npz-members.ts'
import type { Member } from './npz-members.ts'
import { openNpyResponses } from './responses-npy.ts'
import type { OpenResponses } from './responses.ts'
import { siteIdColumns } from './sites.ts'
import { reportFullDisk, sourceFile } from './source-file.ts'
import type { SourceFile } from './source-file.ts'
import { openZip } from './zip.ts'
import type { ZipLimits } from './zip.ts'

/** Arrays of counts with NaN padding compress well; what unpacks to 200 times its size and over 1 GB holds nothing. */
const npzLimits: ZipLimits = { entries: 1000, entryBytes: 64e9, totalBytes: 64e9, ratio: 200, ratioFloor: 1e9 }

const responseNames = ['responses', 'rates', 'spikes', 'data', 'arr_0'] as const
/** The array of responses: by its name, else the only array of numbers with several axes. */
const findResponses = (file: string, members: readonly Member[]): Member => {
  const named = responseNames.map((name) => members.find((member) => member.name === name)).find((member) => member !== undefined)
  const candidates = members.filter((member) => isNumeric(member) && member.header.shape.length >= 2)
  const found = named ?? (candidates.length === 1 ? candidates[0] : undefined)
  if (found !== undefined) return found
  const names = members.map(({ name }) => name).join(', ') || 'no arrays'
  throw new VentralError('missing-field', `${file} holds ${names}, and none of them is named "responses". Save the responses under that name.`, [
    { pointer: file, expected: 'an array "responses"', found: names.slice(0, 200) },
  ])
}

const side = (responses: OpenResponses, axis: Axis): number => responses.array.shape[responses.array.axes.indexOf(axis)]

/**
 * Opens responses in an .npz: the array `responses` (or the only one of several axes) and, where there are such arrays, the names
 * `stimulus_id`, `filename`, `site_id`, `region`. The array is unpacked into `workFolder`. Errors: those of .npy and of zip, missing-field.
 */
export const openNpzResponses = async (file: SourceFile, stated: readonly Axis[] | null, workFolder: string, signal?: AbortSignal): Promise<OpenResponses> => {
  const zip = await openZip(file, npzLimits)
  try {
    const members = await listMembers(zip)
    const { name, entry } = findResponses(file.name, members)
    const unpacked = path.join(workFolder, 'npz-values.npy')
    await reportFullDisk(() => pipeline(zip.read(entry), fs.createWriteStream(unpacked, { flags: 'wx' }), { signal }))
    const responses = await openNpyResponses(sourceFile(unpacked), stated, `${file.name}: ${name}`)
    try {
      const stimulusIds = await readNames(zip, members, stimulusIdColumns, side(responses, 'stimulus'), 'stimulus axis')
      const filenames = await readNames(zip, members, filenameColumns, side(responses, 'stimulus'), 'stimulus axis')
      return {
        ...responses,
        reader: 'npz',
        stimulusNames: stimulusIds === null && filenames === null ? null : { file: file.name, stimulusIds, filenames },
        siteIds: await readNames(zip, members, siteIdColumns, side(responses, 'site'), 'site axis'),
        regions: await readNames(zip, members, ['region'], side(responses, 'site'), 'site axis'),
      }
    } catch (error) {
      await responses.close()
      throw error
    }
  } finally {
    zip.close()
  }
}
