import { formOf, npyFile } from '../../e2e/service.ts'
import { fitOf, someActivations, someForm, somePng } from './resources.ts'
import type { Resources } from './resources.ts'
import type { AccessService, Asked } from './service.ts'

export interface SomeRequest extends Asked {
  path: string
}

type Route = AccessService['routes'][number]

/** Whose id stands in a path after its first word. */
const ofCollection: Record<string, keyof Resources> = {
  datasets: 'dataset', backbones: 'backbone', activations: 'activations', fits: 'fit', registrations: 'registration', encoders: 'encoder', rdms: 'rdm', comparisons: 'comparison', v2: 'encoder',
} // prettier-ignore

const paramOf = (route: string, param: string, resources: Resources): string => {
  if (param === 'stimulusId') return resources.stimulus
  const collection = route.split('/')[1]
  if (collection === 'keys') return 'nosuchkey'
  const kind = ofCollection[collection]
  if (kind === undefined) throw new Error(`whose id is ${param} of ${route}? Say so in ofCollection.`)
  return resources[kind]
}

const image = new Uint8Array(somePng)

/** What cannot be told from a route alone: its query and its body. */
const said: Record<string, (resources: Resources) => Asked & { query?: Record<string, string> } | Promise<Asked & { query?: Record<string, string> }>> = {
  'POST /datasets': async () => ({ body: await someForm() }),
  'PUT /backbones/:id/weights': () => ({ body: new Uint8Array([1, 2, 3]) }),
  'PUT /activations/:name': ({ dataset }) => ({ query: { dataset, rows: 'dataset-order' }, body: someActivations() }),
  'POST /activations': ({ backbone }) => ({ query: { backbone, layers: 'leaky.LeakyRelu', channels: 'mean' }, body: image }),
  'POST /cam': ({ backbone }) => ({ query: { backbone }, body: image }),
  'POST /classification': ({ backbone }) => ({ query: { backbone }, body: formOf({ labels: { name: 'labels.csv', bytes: new Uint8Array([1]) } }) }),
  'POST /fit': (resources) => ({ body: fitOf(resources) }),
  'GET /fits/:id/predictions': ({ layer }) => ({ query: { layer } }),
  'POST /comparisons': ({ dataset }) => ({ body: { dataset, backbones: [{ backbone: 'pixels' }], split: { scheme: 'kfold', folds: 2 } } }),
  'POST /encoders': ({ fit, layer }) => ({ body: { fit, layer } }),
  'POST /predict': ({ encoder }) => ({ query: { encoder }, body: image }),
  'POST /v2/models/:encoder/infer': () => ({ body: { inputs: [{ name: 'pixels', datatype: 'FP32', shape: [1, 1, 1, 1], data: [0] }] } }),
  'POST /rdms': ({ dataset }) => ({ body: { of: { kind: 'responses', dataset } } }),
  'POST /rdms/compare': ({ rdm }) => ({ body: { a: rdm, b: [rdm], draws: 0 } }),
  'POST /cka': ({ dataset }) => ({ body: { a: { kind: 'responses', dataset }, b: { kind: 'responses', dataset } } }),
  'POST /keys': () => ({ body: { name: 'made by the matrix', owner: 'matrix', scopes: ['read'] } }),
  'POST /keys/:id/rotate': () => ({ body: {} }),
}

/** A request to a route about these resources that is good in itself. Throws for a new route that takes a body and is not told of here. */
export const requestOf = async ({ method, url, options }: Route, resources: Resources): Promise<SomeRequest> => {
  const name = `${method} ${url}`
  const of = said[name]
  if (of === undefined && (options.schema)?.body !== undefined) throw new Error(`${name} takes a body: say in test/server/access/requests.ts what one looks like`)
  const { query = {}, ...asked } = (await of?.(resources)) ?? {}
  const path = url.replaceAll(/:(\w+)/g, (_, param: string) => encodeURIComponent(paramOf(url, param, resources)))
  const search = new URLSearchParams(query).toString()
  return { method, ...asked, path: search === '' ? path : `${path}?${search}` }
}

/** Further ways to name a resource: beside the first of a route's body. */
export const referring: { name: string; path: string; body: (resources: Resources) => object | FormData }[] = [
  { name: 'a fit along a registration', path: '/fit?registration=', body: fitOf },
  { name: 'a fit with the layer of another', path: '/fit', body: (resources) => ({ ...fitOf({ ...resources, backbone: 'pixels' }), layers: ['pixels'], layerFrom: resources.fit }) },
  { name: 'a fit of activations', path: '/fit', body: ({ activations, dataset }) => ({ dataset, backbone: `activations:${activations}`, split: { scheme: 'kfold', folds: 2 } }) },
  { name: 'a fit beside another network', path: '/fit', body: ({ dataset, backbone }) => ({ dataset, backbone: 'pixels', alongside: [{ backbone, layers: ['leaky.LeakyRelu'] }] }) },
  { name: 'an RDM of predictions', path: '/rdms', body: ({ fit, layer }) => ({ of: { kind: 'predicted', fit, layer } }) },
  { name: 'an RDM of activations', path: '/rdms', body: ({ dataset, activations }) => ({ of: { kind: 'activations', dataset, backbone: `activations:${activations}`, layer: 'activations' } }) },
  { name: 'a given RDM', path: '/rdms', body: ({ dataset }) => formOf({ dataset, file: npyFile(new Float64Array(144), [12, 12], 'rdm.npy') }) },
  { name: 'a comparison of a model', path: '/comparisons', body: ({ dataset, backbone }) => ({ dataset, backbones: [{ backbone }], split: { scheme: 'kfold', folds: 2 } }) },
]
