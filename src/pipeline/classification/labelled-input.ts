import fs from 'node:fs/promises'
import { bmpOfPlanes } from '../../datasets/bmp-of-planes.ts'
import { CIFAR_SIDE, looksLikeCifar, openCifar } from '../../datasets/cifar.ts'
import type { CifarPicture } from '../../datasets/cifar.ts'
import { openImageFiles } from '../../datasets/image-files.ts'
import { labelsByFolder, labelsByTable } from '../../datasets/labelled-images.ts'
import type { LabelledImages } from '../../datasets/labelled-images.ts'
import { VentralError } from '../../domain/errors.ts'
import { invalid } from '../refusals.ts'

export interface LabelledInput extends LabelledImages {
  kind: 'images' | 'cifar'
  /** names of the classes in the order of their numbers, where the data set has one; else null */
  classNames: string[] | null
  close: () => void
}

const fromCifar = async (folder: string): Promise<LabelledInput> => {
  const { name, classNames, train, test, published, read } = await openCifar(folder)
  const toImage = (part: 'train' | 'test') => (picture: CifarPicture) => ({
    name: `${picture.file.split(/[/\\]/).at(-1)} record ${picture.record}`,
    read: async () => bmpOfPlanes(await read(picture), CIFAR_SIDE),
    label: classNames[picture.label],
    part,
  })
  const whole = train.length === published.train && test.length === published.test
  return {
    kind: 'cifar',
    images: [...train.map(toImage('train')), ...test.map(toImage('test'))],
    layout: name,
    classNames,
    warnings: whole ? [] : [`${name} has ${published.train} training and ${published.test} test images; here are ${train.length} and ${test.length}.`],
    close: () => undefined,
  }
}

/** Opens images whose classes are known: CIFAR's binary files, class folders, or images with a table of their classes. */
export const openLabelledInput = async (input: string, labels: string | undefined): Promise<LabelledInput> => {
  const stat = await fs.stat(input).catch(() => null)
  if (stat === null) throw new VentralError('not-found', `There is no file or folder ${input}.`)
  if (stat.isDirectory() && looksLikeCifar(await fs.readdir(input))) {
    if (labels !== undefined) throw invalid('/labels', 'left out: CIFAR’s files hold their classes', labels)
    return fromCifar(input)
  }
  const { images, close } = await openImageFiles(input)
  try {
    return { kind: 'images', classNames: null, ...(labels === undefined ? labelsByFolder(images) : await labelsByTable(images, labels)), close }
  } catch (error) {
    close()
    throw error
  }
}
