import path from 'node:path'
import type { ClassificationReport, ClassificationRequest } from '../../domain/classification.ts'
import type { PipelineContext } from '../context.ts'
import { inRequestThread } from '../request-thread.ts'

/** What one request may ask for, since others wait for it meanwhile: some minutes of the larger networks. */
export const MAX_UPLOADED = 5000

/** Classifies uploaded images, in the thread that requests are computed in. */
export const classifyUpload = async (context: PipelineContext, request: ClassificationRequest, signal?: AbortSignal): Promise<ClassificationReport> => {
  const report = await inRequestThread(context, 'classifyAtMost', { request, atMost: MAX_UPLOADED }, signal)
  return { ...report, input: path.basename(request.input) } // where the upload lay is nobody's concern
}
