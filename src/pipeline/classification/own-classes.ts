import type { LabelledImage } from '../../datasets/labelled-images.ts'
import { VentralError } from '../../domain/errors.ts'
import { imagenetSynsets } from '../../models/imagenet-synsets.ts'

const synsetNumber = new Map(imagenetSynsets.map((synset, i) => [synset, i]))

/** A class's number by its WordNet id (of a network of ImageNet's classes), or by the number itself, counted from 0. */
export const classNumber = (label: string, classes: number): number | undefined => {
  if (/^\d{1,6}$/.test(label) && Number(label) < classes) return Number(label)
  return classes === imagenetSynsets.length ? synsetNumber.get(label) : undefined
}

/** The output of a network that each image's class is. VentralError `invalid-value` for a class that the network has not. */
export const ownClasses = (images: readonly Pick<LabelledImage, 'name' | 'label'>[], classes: number, backbone: string): Int32Array => {
  const numbers = new Map<string, number | undefined>()
  return Int32Array.from(images, ({ name, label }) => {
    if (!numbers.has(label)) numbers.set(label, classNumber(label, classes))
    const number = numbers.get(label)
    if (number !== undefined) return number
    const expected = `${classes === imagenetSynsets.length ? 'a WordNet id of ImageNet’s 1,000 classes (n01440764), or ' : ''}the number of an output, 0 to ${classes - 1}`
    throw new VentralError('invalid-value', `${name} is of the class "${label}", which is no class of ${backbone}: expected ${expected}. For other classes train a head (--head trained).`, [
      { pointer: name, expected, found: label },
    ])
  })
}

/** What the outputs are called in the table of classes: WordNet ids, else numbers. */
export const ownClassIds = (classes: number): string[] => (classes === imagenetSynsets.length ? [...imagenetSynsets] : Array.from({ length: classes }, (_, k) => String(k)))
