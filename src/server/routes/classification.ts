import { VentralError } from '../../domain/errors.ts'
import { goneSignal } from '../gone-signal.ts'
import { ClassificationQuery, ClassificationReport, ClassificationUpload } from '../schemas/classification.ts'
import { ref, withProblems } from '../schemas/common.ts'
import type { RouteServices } from '../services.ts'
import type { App } from '../types.ts'
import { receiveForm, withUploadFolder } from '../uploads.ts'

export const classificationRoutes = (app: App, { contextOf, pipeline }: RouteServices): void => {
  app.post(
    '/classification',
    {
      config: { scope: 'predict' },
      schema: {
        summary: 'Top-1 and top-5 of labelled images',
        description: 'By the network’s own classes, or by a new linear head (multinomial logistic regression) on one of its layers. The answer comes when it is computed; sets of many images, and CIFAR’s binary files, are for `ventral classify`.',
        tags: ['classification'],
        querystring: ClassificationQuery,
        body: { content: { 'multipart/form-data': { schema: ClassificationUpload } } },
        response: withProblems({ 200: ref(ClassificationReport) }),
      },
    },
    (request, reply) => {
      const signal = goneSignal(reply)
      return withUploadFolder(contextOf(request).home.folders.tmp, async (folder) => {
        const { fields, files } = await receiveForm(request, folder, ['images', 'labels'])
        const [field] = Object.keys(fields)
        if (field !== undefined) throw new VentralError('unknown-field', `The form has a field "${field}"; options stand in the query.`, [{ pointer: `/${field}`, expected: 'images, labels', found: field }])
        if (files.images === undefined) throw new VentralError('missing-field', 'The form has no "images": send them as a zip.', [{ pointer: '/images', expected: 'a zip of images', found: 'none' }])
        return pipeline.classifyUpload(contextOf(request), { ...request.query, input: files.images.path, labels: files.labels?.path }, signal)
      })
    },
  )
}
