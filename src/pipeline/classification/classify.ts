import type { ClassificationPreprocessing, ClassificationReport, ClassificationRequest } from '../../domain/classification.ts'
import { VentralError } from '../../domain/errors.ts'
import type { ReportProgress } from '../../domain/progress.ts'
import type { PipelineContext } from '../context.ts'
import { openNetwork } from '../networks.ts'
import { openLabelledInput } from './labelled-input.ts'
import { classifyByOwnHead } from './own-head.ts'
import { recipeOf } from './recipe.ts'
import { resolveClassification } from './resolve-classification.ts'
import { classifyByTrainedHead } from './trained-head.ts'

export interface ClassifyOptions {
  /** images that may be asked for */
  atMost?: number
  onProgress?: ReportProgress
  signal?: AbortSignal
}

/**
 * Top-1 and top-5 of labelled images: by the network's own classes, or by a new linear head on one of its layers. Images are streamed; those
 * that cannot be read are named and left out. Errors: as the images' and the table's readers, `weights-missing`, `unknown-layer`,
 * `invalid-value` for a class that the network has not, `does-not-fit`.
 */
export const classifyImages = async (
  context: PipelineContext,
  request: ClassificationRequest,
  { atMost = Infinity, onProgress = () => undefined, signal }: ClassifyOptions = {},
): Promise<ClassificationReport> => {
  const input = await openLabelledInput(request.input, request.labels)
  try {
    if (input.images.length > atMost)
      throw new VentralError('does-not-fit', `There are ${input.images.length} images, and one request takes ${atMost}. Run "ventral classify" where they lie.`, [
        { pointer: '/images', expected: `at most ${atMost} images`, found: String(input.images.length) },
      ])
    const divided = input.images.some(({ part }) => part !== null)
    const resolved = resolveClassification(request, { kind: input.kind, divided })
    const network = await openNetwork(context, resolved, 'none')
    const { graph, weights } = network
    const preprocessing: ClassificationPreprocessing = input.kind === 'cifar' ? { kind: 'squash', side: graph.inputSize, filter: 'bilinear' } : recipeOf(graph, weights, resolved)
    const run = { context, network, preprocessing, onProgress, signal }
    const facts = { input: request.input, layout: input.layout, backbone: graph.id, weights, preprocessing }
    if (resolved.head === 'trained') {
      const { warnings, ...results } = await classifyByTrainedHead({ ...run, images: input.images, classNames: input.classNames }, resolved)
      return { ...facts, ...results, warnings: [...input.warnings, ...warnings] }
    }
    const images = divided ? input.images.filter(({ part }) => part === 'test') : input.images
    const { accuracies, ...results } = await classifyByOwnHead({ ...run, images }, resolved.perClass ?? false)
    if (accuracies === null) throw new VentralError('not-an-image', `None of the ${images.length} images can be read: ${results.refused[0].detail}`)
    return { ...facts, accuracies, ...results, warnings: [...input.warnings, ...(divided ? ['Only the test images were classified: a network’s own classes need no training ones.'] : [])] }
  } finally {
    input.close()
  }
}

/** The same as a request's task: plain data in and out. */
export const classifyAtMost = (context: PipelineContext, { atMost, request }: { atMost: number; request: ClassificationRequest }): Promise<ClassificationReport> => classifyImages(context, request, { atMost })
