import { zipBytes, patched } from '../../datasets/fixtures.ts'
import { encodeNpy } from '../../../src/numerics/npy.ts'
import { uniforms } from '../../helper/generator.ts'
import type { BadCase } from './bad-case.ts'

/** Bad activations for a dataset of so many stimuli, whose ids are given. */
export const badActivations = (dataset: string, ids: readonly string[]): BadCase[] => {
  const n = ids.length
  const X = uniforms('activations', n * 4)
  const npy = encodeNpy(X, [n, 4])
  const text = (values: readonly string[]): Uint8Array => encodeNpy(values, [values.length])
  const npz = (arrays: Record<string, Uint8Array>): Promise<Buffer> => zipBytes(Object.entries(arrays).map(([name, bytes]) => [`${name}.npy`, bytes] as const), { compress: false })
  const good = { activations: npy, stimulus_id: text(ids) }
  const put = (body: () => Uint8Array | Promise<Uint8Array>, query = '', name = 'bad', of = dataset): BadCase['send'] => async ({ url }) =>
    fetch(`${url}/activations/${encodeURIComponent(name)}?dataset=${of}${query}`, { method: 'PUT', body: new Uint8Array(await body()) })
  const lying = async (): Promise<Buffer> => {
    const bytes = await npz(good)
    bytes.writeUInt32LE(2e9, bytes.indexOf('PK\x01\x02', 0, 'latin1') + 24)
    return bytes
  }
  return [
    { what: 'activations of other stimuli', send: put(() => npz({ ...good, stimulus_id: text([...ids.slice(1), 'x']) })), code: 'count-mismatch', says: [/"x"/, new RegExp(`"${ids[0]}"`)] },
    { what: 'activations that lack a stimulus', send: put(() => npz({ activations: encodeNpy(X.slice(4), [n - 1, 4]), stimulus_id: text(ids.slice(1)) })), code: 'count-mismatch', says: [new RegExp(`"${ids[0]}"`)] },
    { what: 'a stimulus twice', send: put(() => npz({ ...good, stimulus_id: text([ids[1], ...ids.slice(1)]) })), code: 'duplicate-id', says: [new RegExp(`"${ids[1]}"`)] },
    { what: 'activations without ids', send: put(() => npz({ activations: npy })), code: 'missing-field', says: [/stimulus_id/] },
    { what: 'a bare .npy without a word on its rows', send: put(() => npy), code: 'ambiguous-order', says: [/rows=dataset-order/] },
    { what: 'rows said of an .npz', send: put(() => npz(good), '&rows=dataset-order'), code: 'unknown-field', says: [/leave it out/] },
    { what: 'NaN among activations', send: put(() => npz({ ...good, activations: encodeNpy(X.with(5, NaN), [n, 4]) })), code: 'non-finite-activations', says: [/NaN/, new RegExp(`"${ids[1]}", unit 1`)] },
    { what: 'infinity in the second layer', send: put(() => npz({ a: npy, b: encodeNpy(X.with(0, Infinity), [n, 4]), stimulus_id: text(ids) })), code: 'non-finite-activations', says: [/b holds Infinity/] },
    { what: 'pickled objects as activations', send: put(() => npz({ ...good, activations: patched(Buffer.from(npy), "'<f8'", "'|O' ") })), code: 'unsupported-dtype', says: [/O/] },
    { what: 'transposed activations', send: put(() => npz({ ...good, activations: encodeNpy(X, [4, n]) })), code: 'count-mismatch', says: [/transposed/] },
    { what: 'an .npz that was cut off', send: put(async () => (await npz(good)).subarray(0, -40)), code: 'damaged-file', says: [/upload it anew/] },
    { what: 'an .npz with a path out of it', send: put(async () => patched(await npz(good), 'activations.npy', '../ivations.npy')), code: 'unsafe-path', says: [/\.\.\/ivations/] },
    { what: 'an .npz bomb', send: put(lying), code: 'archive-bomb', says: [/times its size/] },
    { what: 'neither .npz nor .npy', send: put(() => Buffer.from('\x89HDF\r\n\x1a\n', 'latin1')), code: 'unsupported-format', says: [/npz/] },
    { what: 'an empty body', send: ({ url }) => fetch(`${url}/activations/bad?dataset=${dataset}`, { method: 'PUT' }), code: 'missing-field', says: [/empty/] },
    { what: 'a dataset that is not there', send: put(() => npz(good), '', 'bad', 'nobody'), code: 'not-found', says: [/nobody/] },
    { what: 'a name that is none', send: put(() => npz(good), '', 'a:b'), code: 'invalid-value', says: [/name of activations/] },
    { what: 'a fit of activations that are not there', send: ({ url }) => fetch(`${url}/fit`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ dataset, backbone: 'activations:none' }) }), code: 'unknown-backbone', says: [/PUT \/activations\/none/] },
  ]
}
