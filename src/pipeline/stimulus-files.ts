import fs from 'node:fs'
import { createHash } from 'node:crypto'
import type { Stimulus } from '../domain/dataset.ts'
import type { ImagePlacement } from '../domain/placement.ts'
import { VentralError } from '../domain/errors.ts'

/** The encoded images of a dataset, read from its pack by position. */
export interface StimulusFiles {
  readonly count: number
  /** sha256 over the images' sha256 in order: what activations of all of them depend on */
  readonly sha256: string
  /** how they come into a backbone's input; absent: they fill it */
  readonly placement?: ImagePlacement
  read(index: number): Uint8Array
  close(): void
}

/** Opens the pack at `path`. Throws when an image is not whole. */
export const openStimulusFiles = (path: string, stimuli: readonly Pick<Stimulus, 'offset' | 'bytes' | 'sha256' | 'filename'>[]): StimulusFiles => {
  const fd = fs.openSync(path, 'r')
  const hash = createHash('sha256')
  for (const stimulus of stimuli) hash.update(stimulus.sha256)
  return {
    count: stimuli.length,
    sha256: hash.digest('hex'),
    read(index) {
      const { offset, bytes, filename } = stimuli[index]
      const buffer = new Uint8Array(bytes)
      for (let done = 0; done < bytes; ) {
        const got = fs.readSync(fd, buffer, done, bytes - done, offset + done)
        if (got === 0) throw new Error(`the stimuli pack ends inside ${filename}`)
        done += got
      }
      return buffer
    },
    close: () => fs.closeSync(fd),
  }
}

/** The images of a dataset that came without: whoever reads one is told so. */
export const noStimulusFiles = (dataset: string, count: number): StimulusFiles => ({
  count,
  sha256: '',
  read: () => {
    throw withoutImages(dataset, '/dataset')
  },
  close: () => undefined,
})

/** Asked to run images that are not here. */
export const withoutImages = (dataset: string, pointer: string): VentralError =>
  new VentralError('invalid-value', `Dataset "${dataset}" came without images, so no backbone can be run on them. Fit activations from elsewhere ("backbone": "activations:NAME"), or import the responses again with the images as "stimuli".`, [
    { pointer, expected: 'activations from elsewhere, or a dataset with images', found: 'no images' },
  ])
