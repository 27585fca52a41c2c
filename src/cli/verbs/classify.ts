import type { ClassificationRequest } from '../../domain/classification.ts'
import { classifyImages } from '../../pipeline/classification/classify.ts'
import { openContext } from '../../pipeline/context.ts'
import { findOwner } from '../../storage/home.ts'
import { printJson } from '../output.ts'
import { printClassification } from '../print-classification.ts'
import { createProgress } from '../progress-bar.ts'
import { needed, oneWord, text, UsageError, whole } from '../verb.ts'
import type { Call, Verb } from '../verb.ts'

const oneOf = <T extends string>(call: Call, flag: string, known: readonly T[]): T | undefined => {
  const value = text(call, flag)
  if (value !== undefined && !known.includes(value as T)) throw new UsageError(`--${flag} takes ${known.join(' or ')}, not "${value}".`)
  return value as T | undefined
}

const share = (call: Call, flag: string): number | undefined => {
  const value = text(call, flag)
  if (value === undefined) return undefined
  if (!/^0?\.\d{1,9}$/.test(value)) throw new UsageError(`--${flag} takes a share such as 0.2, not "${value}".`)
  return Number(value)
}

const requestOf = (call: Call): ClassificationRequest => ({
  input: oneWord(call, 'input'),
  labels: text(call, 'labels'),
  backbone: needed(call, 'backbone'),
  weights: text(call, 'weights'),
  seed: whole(call, 'seed'),
  head: oneOf(call, 'head', ['own', 'trained']),
  layer: text(call, 'layer'),
  resize: whole(call, 'resize'),
  filter: oneOf(call, 'filter', ['bilinear', 'bicubic']),
  heldOut: share(call, 'held-out'),
  test: share(call, 'test'),
  perClass: call.flags['per-class'] === true,
})

export const classify: Verb = {
  usage: `classify INPUT --backbone NAME [--labels FILE.csv] [--weights random|sha256:… --seed 0] [--resize 256] [--filter bilinear|bicubic] [--per-class]
  classify INPUT --backbone NAME --head trained [--layer L] [--held-out 0.2] [--test 0.2]`,
  summary:
    'top-1 and top-5 with 95 % intervals: of a network’s own classes (class folders by WordNet id or number, or a CSV of image and label), or of a new linear head (any class folders, or CIFAR-10 / CIFAR-100 binary files)',
  options: {
    ...Object.fromEntries(['backbone', 'labels', 'weights', 'seed', 'head', 'layer', 'resize', 'filter', 'held-out', 'test'].map((flag) => [flag, { type: 'string' as const }])),
    'per-class': { type: 'boolean' },
  },
  run: async (call) => {
    if (call.url !== null) throw new UsageError('classify reads the images where it runs: leave --url out, or send them to POST /classification.')
    const request = requestOf(call)
    // The images lie on this machine and may be many: beside a running server only its database is shared.
    const context = await openContext(call.config, { attach: (await findOwner(call.config.home)) !== null })
    const progress = createProgress({ quiet: call.json })
    try {
      const report = await classifyImages(context, request, { onProgress: progress.show, signal: call.signal })
      progress.stop()
      if (call.json) printJson(report)
      else printClassification(report)
    } finally {
      progress.stop()
      await context.close()
    }
  },
}
