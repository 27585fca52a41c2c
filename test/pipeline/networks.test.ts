import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { getBackbone } from '../../src/models/backbones/index.ts'
import { randomParams } from '../../src/models/initialise.ts'
import { addWeights, describeBackbone } from '../../src/pipeline/backbones.ts'
import type { PipelineContext } from '../../src/pipeline/context.ts'
import { openNetwork, pinWeights } from '../../src/pipeline/networks.ts'
import { openTestContext, temporaryFolder } from '../helper/home.ts'
import { safetensors } from '../models/weights/checkpoint-builder.ts'

const graph = getBackbone('squeezenet1_1')
const circuit = getBackbone('cornet_s+channels=4-4-4-4+skip=off')
const pretrained = { backbone: graph.id, weights: 'pretrained', seed: 0 } as const

/** A checkpoint with other values for each seed. */
const checkpoint = (seed: number, of = graph): Buffer => {
  const params = randomParams(of, seed)
  let end = 0
  const entries = of.params.map(({ name, shape }) => {
    const begin = end
    end += params.get(name)!.byteLength
    return [name, { dtype: 'F32', shape, data_offsets: [begin, end] }] as const
  })
  return safetensors(Object.fromEntries(entries), Buffer.concat(of.params.map(({ name }) => Buffer.from(params.get(name)!.buffer))))
}
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
const first = graph.params[0].name
const is = (values: Float32Array | undefined, seed: number): boolean => Buffer.from(values!.buffer).equals(Buffer.from(randomParams(graph, seed).get(first)!.buffer))

t.test('networks', async (t) => {
  const context = await openTestContext(t)
  const folder = temporaryFolder(t)
  const file = (name: string, bytes: Buffer): string => {
    fs.writeFileSync(path.join(folder, name), bytes)
    return path.join(folder, name)
  }

  await t.test('weights that are not here: how to get them', async (t) => {
    const url = 'https://download.pytorch.org/models/squeezenet1_1-b8a52dc0.pth'
    const message = `There are no pretrained weights of squeezenet1_1 here. Download ${url} and run "ventral weights add FILE --backbone squeezenet1_1", or ask for "weights": "random".`
    const refusal = { code: 'weights-missing', message, errors: [{ pointer: '/weights' }] }
    await t.rejects(openNetwork(context, pretrained, 'none'), refusal)
    await t.rejects(pinWeights(context, graph, 'pretrained'), refusal)
    await t.rejects(openNetwork(context, { ...pretrained, weights: `sha256:${'0'.repeat(64)}` }, 'none'), { code: 'weights-missing', message: /GET \/backbones\/squeezenet1_1 shows/ })
    await t.rejects(openNetwork(context, { ...pretrained, backbone: 'squeezenet' }, 'none'), { code: 'unknown-backbone', message: /squeezenet1_/ })
  })

  await t.test('random weights need none, and say which they are', async (t) => {
    const network = await openNetwork(context, { ...pretrained, weights: 'random', seed: 4 }, { grid: 2 })
    t.match(network, { weights: 'random:4:1', pooling: { grid: 2 } })
    const params = await network.params()
    t.ok(is(params.get(first), 4) && !is(params.get(first), 5))
    t.equal(await pinWeights(context, graph, 'random'), 'random')
    t.match(await openNetwork(context, { ...pretrained, backbone: 'pixels' }, 'none'), { weights: 'none' }, 'pixels have no weights to be missing')
    t.equal(await pinWeights(context, getBackbone('pixels'), 'pretrained'), 'pretrained')
  })

  await t.test('a checkpoint in the extra folder is found by its published name, and kept', async (t) => {
    const weightsFolder = path.join(folder, 'extra')
    fs.mkdirSync(weightsFolder)
    const extra: PipelineContext = { ...context, config: { ...context.config, weightsFolder } }
    await t.rejects(openNetwork(extra, pretrained, 'none'), { code: 'weights-missing' }, 'an empty folder')
    const bytes = checkpoint(10)
    fs.writeFileSync(path.join(weightsFolder, 'squeezenet1_1-b8a52dc0.pth'), bytes)
    const network = await openNetwork(extra, pretrained, 'none')
    t.equal(network.weights, `sha256:${sha256(bytes)}`)
    t.ok(is((await network.params()).get(first), 10))
    fs.rmSync(weightsFolder, { recursive: true })
    t.equal((await openNetwork(context, pretrained, 'none')).weights, network.weights, 'also without the folder from then on')
    t.match(await describeBackbone(context, graph.id), { weights: [{ sha256: sha256(bytes), bytes: bytes.length, format: 'safetensors', source: 'squeezenet1_1-b8a52dc0.pth', licence: null }] }, 'not as the published one, which it is not')
  })

  await t.test('pretrained is what was added last; what is pinned stays', async (t) => {
    const before = await pinWeights(context, graph, 'pretrained')
    const bytes = checkpoint(11)
    const { sha256: added, source } = await addWeights(context, graph.id, file('mine.safetensors', bytes), { source: 'mine.safetensors' })
    t.equal(added, sha256(bytes))
    t.equal(source, 'mine.safetensors')
    t.equal(await pinWeights(context, graph, 'pretrained'), `sha256:${added}`)
    t.equal(await pinWeights(context, graph, before), before)
    const old = await openNetwork(context, { ...pretrained, weights: before }, 'none')
    t.equal(old.weights, before)
    t.ok(is((await old.params()).get(first), 10))
    t.ok(is((await (await openNetwork(context, pretrained, 'none')).params()).get(first), 11))
  })

  await t.test('weights of a variant are found however its name is spelled, and by no other variant', async (t) => {
    const { sha256: added } = await addWeights(context, 'cornet_s+skip=off+norm=step+channels=4-4-4-4', file('circuit.safetensors', checkpoint(20, circuit)), { source: 'circuit.safetensors' })
    const network = await openNetwork(context, { ...pretrained, backbone: 'cornet_s+skip=off+channels=4-4-4-4' }, 'none')
    t.equal(network.graph.id, circuit.id)
    t.equal(network.weights, `sha256:${added}`)
    t.match(await describeBackbone(context, 'cornet_s+skip=off+channels=4-4-4-4'), { id: circuit.id, weights: [{ sha256: added }], parameters: [{ name: 'areas', default: 'V1-V2-V4-IT' }] })
    await t.rejects(openNetwork(context, { ...pretrained, backbone: 'cornet_s+channels=4-4-4-4' }, 'none'), { code: 'weights-missing', message: /--backbone cornet_s\+channels=4-4-4-4"/ })
    await t.rejects(addWeights(context, 'cornet_s+channels=4-4-4-4', file('circuit.pth', checkpoint(20, circuit)), { source: 'circuit.pth' }), { code: 'checkpoint-mismatch', message: /V2\.skip\.weight/ })
  })

  await t.test('a checkpoint that does not fit is not kept', async (t) => {
    const blobs = async (): Promise<number> => (await Array.fromAsync(context.blobs.list())).length
    const before = await blobs()
    await t.rejects(addWeights(context, 'squeezenet1_0', file('other.pth', checkpoint(12)), { source: 'other.pth' }), { code: 'checkpoint-mismatch' })
    await t.rejects(addWeights(context, 'pixels', file('any.pth', checkpoint(12)), { source: 'any.pth' }), { code: 'checkpoint-mismatch', message: /takes no weights/ })
    await t.rejects(addWeights(context, graph.id, file('text.pth', Buffer.from('words')), { source: 'text.pth' }), { name: 'VentralError', message: /text\.pth/ })
    const db = { ...context.db, transaction: (async () => { throw new Error('connection lost') }) as typeof context.db.transaction } // prettier-ignore
    let calls = 0
    const flaky: PipelineContext = { ...context, db: { ...db, transaction: (work) => (++calls === 1 ? db.transaction(work) : context.db.transaction(work)) } }
    await t.rejects(addWeights(flaky, graph.id, file('good.pth', checkpoint(12)), { source: 'good.pth' }), { message: 'connection lost' })
    t.equal(await blobs(), before)
    t.ok(fs.existsSync(path.join(folder, 'good.pth')), 'and the file is left where it is')
  })
})
