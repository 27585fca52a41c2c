import type { Accuracy, ChanceAccuracy, ClassificationPreprocessing, ClassificationReport, TrainedHead } from '../domain/classification.ts'
import { print, printTable, score, tell } from './output.ts'

const within = (value: number | null, interval: [number, number] | undefined): string => (value === null ? '-' : `${score(value)} [${score(interval![0])}, ${score(interval![1])}]`)

const accuracy = (one: Accuracy | null): string => within(one?.value ?? null, one?.interval)

const control = (one: ChanceAccuracy | null): string => (one === null ? '-' : `${within(one.mean, one.interval)}, each ${score(one.lowest)} to ${score(one.highest)}`)

const prepared = (how: ClassificationPreprocessing): string =>
  how.kind === 'squash' ? `whole image to ${how.side} x ${how.side}, ${how.filter}` : `shorter side ${how.resize}, crop ${how.crop}, ${how.filter} (${how.from})`

const printHead = ({ layer, units, train, test, fitted, heldOut, division, C, path, untrained }: TrainedHead): void => {
  print(`  head        on ${units} units of ${layer}; ${train} training images, ${test} test images (division: ${division})`)
  print(`  C           ${C.toPrecision(4)}, by the top-1 of ${heldOut} held-out training images after fits to ${fitted}`)
  print(`  untrained   ${untrained.heads} heads: top-1 ${control(untrained.top1)} (chance ${score(untrained.chance.top1)}); top-5 ${control(untrained.top5)} (chance ${score(untrained.chance.top5)})\n`)
  printTable(['C', 'held-out top-1', 'top-5', 'log loss', 'steps'], path.map((one) => [one.C.toPrecision(4), score(one.top1), score(one.top5), score(one.logLoss), one.iterations]))
}

/** A classification as people read it. */
export const printClassification = ({ input, layout, backbone, weights, preprocessing, head, accuracies, refused, warnings }: ClassificationReport): void => {
  print(`${backbone} (${weights}) on ${input}: ${layout}, ${accuracies.images} images of ${accuracies.classes} classes`)
  print(`  top-1       ${accuracy(accuracies.top1)}`)
  print(`  top-5       ${accuracy(accuracies.top5)}${accuracies.top5Reason === null ? '' : ` (${accuracies.top5Reason})`}`)
  print(`  images      ${prepared(preprocessing)}`)
  if (head.kind === 'trained') printHead(head)
  else if (head.published) print(`  published   top-1 ${score(head.published.top1)} (${head.published.source}, ${head.published.version}; not recomputed)`)
  if (accuracies.perClass) {
    print('')
    printTable(['class', 'images', 'top-1', 'top-5', ''], accuracies.perClass.map((one) => [one.label, one.images, score(one.top1), score(one.top5), one.name ?? '']))
  }
  if (refused.length > 0) tell(`${refused.length === 1 ? 'One image' : `${refused.length} images`} could not be read; no accuracy counts them:`)
  for (const { detail } of refused.slice(0, 10)) tell(`  ${detail}`)
  if (refused.length > 10) tell(`  and ${refused.length - 10} more; --json lists all`)
  for (const warning of warnings) tell(warning)
}
