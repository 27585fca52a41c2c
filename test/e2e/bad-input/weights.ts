import fs from 'node:fs'
import { getBackbone } from '../../../src/models/backbones/index.ts'
import { floats, op, storage, tensor, zipCheckpoint } from '../../models/weights/checkpoint-builder.ts'
import { needs, shared } from '../../helper/shared.ts'
import type { BadCase } from './bad-case.ts'
import { zeroCheckpoint } from './zero-checkpoint.ts'

const put = (bytes: () => Uint8Array | Promise<Uint8Array>, backbone = 'squeezenet1_1'): BadCase['send'] => async ({ url }) =>
  fetch(`${url}/backbones/${backbone}/weights?source=given.pth`, { method: 'PUT', headers: { 'content-type': 'application/octet-stream' }, body: new Uint8Array(await bytes()) })

const paramsOf = (backbone: string) => getBackbone(backbone).params.map(({ name, shape }) => ({ name, shape }))
const ran = '/tmp/ventral_hostile_pickle_ran'
/** What torch.load would run: os.system. */
const hostile = () => zipCheckpoint(op.call(op.global('os', 'system'), op.text(`touch ${ran}`)))
const outside = () => zipCheckpoint(op.dict([op.text('classifier.1.bias'), tensor(storage('0', 2), { offset: -1, shape: [2], stride: [1] })]), { 0: floats(1, 2) })

const fixture = (name: string, code: BadCase['code'], ...says: RegExp[]): BadCase => ({
  what: name, send: put(() => fs.readFileSync(shared('reference', 'pth', name))), code, says: [/given\.pth/, ...says], skip: needs('reference', 'pth', name).skip,
}) // prettier-ignore

export const badWeights: BadCase[] = [
  { what: 'a checkpoint of another architecture', send: put(() => zeroCheckpoint(paramsOf('cornet_z'))), code: 'checkpoint-mismatch', says: [/squeezenet1_1/, /lacks "features\.0\.weight" and \d+ more/, /unexpected "V1\.conv\.weight" and \d+ more/] },
  {
    what: 'a checkpoint of other shapes',
    send: put(() => zeroCheckpoint(paramsOf('squeezenet1_1').map(({ name, shape }) => ({ name, shape: name === 'classifier.1.weight' ? [10, 512, 1, 1] : shape })))),
    code: 'checkpoint-mismatch', says: [/"classifier\.1\.weight" of shape 10 x 512 x 1 x 1 where 1000 x 512 x 1 x 1 is needed/],
  }, // prettier-ignore
  { what: 'weights of a backbone without any', send: put(() => zeroCheckpoint([]), 'pixels'), code: 'checkpoint-mismatch', says: [/pixels has no parameters/] },
  { what: 'weights of an unknown backbone', send: put(() => zeroCheckpoint([]), 'resnet19'), code: 'unknown-backbone', says: [/resnet19/, /resnet18/] },
  { what: 'a hostile pickle', send: put(hostile), code: 'unsafe-checkpoint', says: [/os\.system/, /given\.pth/] },
  { what: 'a tensor outside its storage', send: put(outside), code: 'unsafe-checkpoint', says: [/given\.pth/, /-1/] },
  { what: 'a safetensors header beyond the file', send: put(() => Buffer.from('ffffffff00000000' + '7b7d', 'hex')), code: 'unsupported-format', says: [/given\.pth/] },
  { what: 'an empty body', send: put(() => new Uint8Array(0)), code: 'unsupported-format', says: [/is empty/, /\.pth/, /safetensors/] },
  { what: 'no checkpoint', send: put(() => Buffer.from('<!doctype html><title>404</title>')), code: 'unsupported-format', says: [/given\.pth/, /\.pth|safetensors/] },
  fixture('hostile_system_zip.pth', 'unsafe-checkpoint', /posix\.system/),
  fixture('hostile_system_legacy.pth', 'unsafe-checkpoint', /posix\.system/),
  fixture('hostile_bare.pkl', 'unsafe-checkpoint', /posix\.system/),
  fixture('hostile_hidden_eval.pth', 'unsafe-checkpoint', /eval/),
  fixture('hostile_getattr.pth', 'unsafe-checkpoint', /getattr/),
  fixture('hostile_expand_bomb.pth', 'unsafe-checkpoint'),
  fixture('hostile_negative_offset.pth', 'unsafe-checkpoint'),
  fixture('hostile_out_of_bounds.pth', 'unsafe-checkpoint'),
  fixture('hostile_proto_keys.pth', 'checkpoint-mismatch', /__proto__/),
  fixture('hostile_short_storage.pth', 'damaged-file'),
  fixture('hostile_missing_storage.pth', 'damaged-file'),
  fixture('truncated_zip_60pct.pth', 'damaged-file'),
  fixture('truncated_legacy_60pct.pth', 'damaged-file'),
]

/** What a hostile checkpoint would have made, had it run. */
export const hostileMark = ran
