import fs from 'node:fs/promises'
import { VentralError } from '../../domain/errors.ts'

/** The classes of ILSVRC-2012 in the order of the published networks' logits. */
const imageNetNames = async (): Promise<readonly string[]> => {
  const { IMAGENET_CLASSES } = (await import('@tensorflow-models/mobilenet/dist/imagenet_classes.js')).default
  return Object.values(IMAGENET_CLASSES)
}

/** A name per line in the order of the classes; WordNet ids before them, as ImageNet's own list has them, are left out. */
const namesIn = async (file: string): Promise<readonly string[]> => {
  const content = await fs.readFile(file, 'utf8').catch(({ code }: NodeJS.ErrnoException) => {
    throw new VentralError('not-found', `The file of class names that VENTRAL_CLASS_NAMES names cannot be read: ${file} (${code}).`)
  })
  return content.split(/\r?\n/).map((line) => line.replace(/^n\d{8}\s+/, '').trim()).filter((line) => line !== '')
}

/** Names of a network's classes: those of the file, where it has as many, else ImageNet's for 1000 classes; null for others. */
export const classNames = async (file: string | null, classes: number): Promise<readonly string[] | null> => {
  const own = file === null ? null : await namesIn(file)
  if (own?.length === classes) return own
  const published = await imageNetNames()
  return published.length === classes ? published : null
}
