import { postJson } from '../service.ts'
import type { BadCase } from './bad-case.ts'

/** Bad requests for fits on a dataset of 12 stimuli and 3 sites in V4 and IT, the last of them constant. */
export const badFits = (dataset: string): BadCase[] => {
  const good = { dataset, backbone: 'pixels', weights: 'random', pooling: { grid: 4 }, split: { scheme: 'kfold', folds: 3 }, mapping: { method: 'ridge', inner: { folds: 2 } }, sites: { region: 'IT' } }
  const fit = (change: object): BadCase['send'] => (service) => postJson(service, '/fit', { ...good, ...change })
  const raw = (body: string, headers: Record<string, string> = {}): BadCase['send'] => (service) => postJson(service, '/fit', body, headers)
  const weights = { backbone: 'squeezenet1_1', weights: undefined }
  return [
    { what: 'an unknown dataset', send: fit({ dataset: 'nowhere' }), code: 'not-found', says: [/nowhere/, /GET \/datasets/] },
    { what: 'an unknown backbone', send: fit({ backbone: 'resnet19' }), code: 'unknown-backbone', says: [/resnet19/, /resnet18/] },
    { what: 'an unknown layer', send: fit({ backbone: 'squeezenet1_1', layers: ['features.99'] }), code: 'unknown-layer', says: [/features\.99/, /features\.9/] },
    { what: 'weights that are not here', send: fit(weights), code: 'weights-missing', says: [/squeezenet1_1/, /https:\/\/\S+squeezenet1_1\S*\.pth/, /ventral weights add FILE --backbone squeezenet1_1/, /"random"/] },
    { what: 'weights that nobody publishes', send: fit({ ...weights, backbone: 'cornet_z' }), code: 'weights-missing', says: [/cornet_z/, /ventral weights add/] },
    { what: 'weights by a hash that is not here', send: fit({ ...weights, weights: `sha256:${'0'.repeat(64)}` }), code: 'weights-missing', says: [/0{64}/, /GET \/backbones\/squeezenet1_1/] },
    { what: 'weights by another name', send: fit({ ...weights, weights: 'imagenet' }), code: 'invalid-value', says: [/imagenet/, /pretrained/, /random/] },
    { what: 'fewer stimuli than folds', send: fit({ split: { scheme: 'kfold', folds: 13 } }), code: 'too-few-stimuli', says: [/13/, /12/, /fewer folds/] },
    { what: 'fewer training stimuli than inner folds', send: fit({ mapping: { method: 'ridge', inner: { folds: 9 } } }), code: 'too-few-stimuli', says: [/9/, /8/, /fewer/] },
    { what: 'one fold', send: fit({ split: { scheme: 'kfold', folds: 1 } }), code: 'invalid-value', says: [/folds/, /at least 2/] },
    { what: 'groups that the dataset does not have', send: fit({ split: { scheme: 'leaveonegroupout', by: 'object_name' } }), code: 'invalid-value', says: [/object_name/] },
    { what: 'several regions and no choice', send: fit({ sites: undefined }), code: 'choose-sites', says: [/IT/, /V4/] },
    { what: 'a region that the dataset does not have', send: fit({ sites: { region: 'V1' } }), code: 'choose-sites', says: [/V1/, /IT/] },
    { what: 'an unknown field', send: fit({ layer: 'pixels' }), code: 'unknown-field', says: [/"layer"/] },
    { what: 'an unknown field further down', send: fit({ mapping: { method: 'ridge', inner: { fold: 3 } } }), code: 'unknown-field', says: [/mapping\/inner\/fold"/] },
    { what: 'an unknown query', send: (service) => postJson(service, '/fit?dryrun=true', good), code: 'unknown-field', says: [/dryrun/] },
    { what: '__proto__', send: raw(`{"dataset":"${dataset}","backbone":"pixels","__proto__":{"weights":"random"}}`), code: 'invalid-json', says: [/JSON|proto/] },
    { what: 'a number where text is due', send: fit({ backbone: 5 }), code: 'invalid-value', says: [/backbone/, /string/, /5/] },
    { what: 'no backbone', send: fit({ backbone: undefined }), code: 'missing-field', says: [/backbone/] },
    { what: 'a penalty of 0', send: fit({ mapping: { method: 'ridge', alphas: [0, 1] } }), code: 'invalid-value', says: [/alphas/, /over 0/] },
    { what: 'a penalty without end', send: raw(JSON.stringify({ ...good, mapping: { method: 'ridge', alphas: [1, 2] } }).replace('[1,2]', '[1,1e999]')), code: 'invalid-value', says: [/alphas/] },
    { what: 'a list where an object is due', send: raw('[1]'), code: 'invalid-value', says: [/object/] },
    { what: 'invalid JSON', send: raw('{"dataset": '), code: 'invalid-json', says: [/not valid JSON/] },
    { what: 'an empty body', send: raw(''), code: 'invalid-json', says: [/empty/] },
    { what: 'a body that is too large', send: raw(JSON.stringify({ ...good, alsoBy: ['x'.repeat(2 ** 20)] })), code: 'body-too-large', says: [/larger/] },
    { what: 'another content type', send: raw(JSON.stringify(good), { 'content-type': 'text/plain' }), code: 'unsupported-format', says: [/content type/] },
    { what: 'no room for a layer', send: fit({ backbone: 'squeezenet1_1', layers: ['features.0'], pooling: 'none' }), code: 'does-not-fit', says: [/features\.0/, /VENTRAL_SPILL_GB/, /grid/] },
    { what: 'an Idempotency-Key that is too long', send: (service) => postJson(service, '/fit', good, { 'idempotency-key': 'k'.repeat(300) }), code: 'invalid-value', says: [/idempotency-key/, /255/] },
    { what: 'cancelling a fit that is not there', send: ({ url }) => fetch(`${url}/fits/none/cancel`, { method: 'POST' }), code: 'not-found', says: [/none/] },
    { what: 'a page of another site', send: (service) => postJson(service, '/fit', good, { origin: 'http://elsewhere.example' }), code: 'cross-site', says: [/another site/] },
  ]
}
