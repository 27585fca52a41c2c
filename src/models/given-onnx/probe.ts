import type { ModelProto } from '../../numerics/onnx/schema.ts'
import { encodeModel } from '../../numerics/onnx/schema.ts'
import { valueInfo } from '../../numerics/onnx/parts.ts'
import * as ort from '../../numerics/onnx/runtime.ts'
import { createSession } from '../../numerics/onnx/session.ts'
import { sizeOf } from '../shapes.ts'
import { layerOf, nameValues, weightName } from './name-values.ts'
import type { NamedModel, NamedNode } from './name-values.ts'
import type { GivenModel } from './read-model.ts'
import { some, unfit } from './refusals.ts'

/** How far an image's values may move when another image is beside it, as a share of the largest: rounding, no more. */
const TOLERANCE = 1e-3

/** All values of a model as outputs; the runtime finds their types itself. */
const probeModel = ({ opsets, irVersion, tensors }: Pick<GivenModel, 'opsets' | 'irVersion' | 'tensors'>, nodes: readonly NamedNode[], image: string, side: number): ModelProto => ({
  irVersion,
  opsetImport: Object.entries(opsets).map(([domain, version]) => ({ domain, version })),
  graph: {
    name: 'probe',
    node: nodes.map(({ node }) => node),
    initializer: [...tensors].map(([name, { shape, dataType, data }]) => ({ name: weightName(name), dims: [...shape], dataType, rawData: data })),
    input: [valueInfo(image, 'float32', ['n', 3, side, side])],
    output: nodes.flatMap(({ outputs }) => outputs.filter((name) => name !== '').map((name) => ({ name }))),
  },
})

/** What the runtime says, on one line, without the names of its source files. */
const said = (error: unknown): string => {
  const text = (error instanceof Error ? error.message : String(error)).replace(/\/\S+\.(cc|h):\d+/g, '').replace(/\s+/g, ' ')
  return text.length > 300 ? `${text.slice(0, 300)}…` : text
}

const lacking = (text: string): string | null => /No Op registered for (\S+)|Could not find an implementation for ([\w.]+\(\d+\))/.exec(text)?.slice(1).find((name) => name !== undefined) ?? null

const open = async (model: ModelProto, where: string, threads: number): Promise<ort.InferenceSession> => {
  try {
    return await createSession(encodeModel(model), { threads })
  } catch (error) {
    const text = said(error)
    const operator = lacking(text)
    if (operator !== null) throw unfit(where, `uses an operator that onnxruntime does not have: ${operator}`, 'Export it with other operators, or in another operator set.', 'operators that onnxruntime has')
    throw unfit(where, `is refused by onnxruntime: ${text}`, 'Check it with onnx.checker and onnxruntime, or export it again.', 'a model that onnxruntime opens')
  }
}

const oneByOne = (where: string, why: string) =>
  unfit(where, `takes one image at a time only: ${why}`, 'Export it with a free first axis (torch.onnx.export(…, dynamic_axes={"input": {0: "n"}})).', 'any number of images')

/** Noise about as wide as a normalised image. Any fixed sequence will do. */
const noise = (length: number): Float32Array => {
  const out = new Float32Array(length)
  for (let i = 0, state = 1; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    out[i] = state / 2 ** 31 - 1
  }
  return out
}

type Values = Readonly<Record<string, ort.Tensor>>

/** Whether two runs on one image agree, to the bit but for rounding. */
const agree = (a: ort.Tensor, b: ort.Tensor): boolean => {
  if (a.type !== b.type || a.dims.join() !== b.dims.join()) return false
  if (a.type !== 'float32') return true
  const [x, y] = [a.data as Float32Array, b.data as Float32Array]
  const scale = x.reduce((max, value) => (Number.isFinite(value) ? Math.max(max, Math.abs(value)) : max), 0)
  return x.every((value, i) => Object.is(value, y[i]) || Math.abs(value - y[i]) <= TOLERANCE * scale)
}

/** Bytes of two images' values that are looked at in one run. */
const GROUP_BYTES = 512e6

/** All values, in groups of bounded size by what they take for one image. */
const groupsOf = (alone: Values): string[][] => {
  const groups: string[][] = []
  let bytes = Infinity
  for (const [name, { size }] of Object.entries(alone)) {
    if (bytes + 8 * size > GROUP_BYTES) groups.push([])
    bytes = groups.at(-1)!.length === 0 ? 8 * size : bytes + 8 * size
    groups.at(-1)!.push(name)
  }
  return groups
}

/** Why a value is no layer, or its shape without the image axis. */
type Verdict = { shape: number[] } | 'mixed' | 'not finite' | 'changed' | 'other'

const judge = (pair: ort.Tensor, alone: ort.Tensor): Verdict => {
  const [images, ...shape] = pair.dims
  if (pair.type !== 'float32' || shape.length === 0 || images !== 2 || alone.dims.join() !== [1, ...shape].join() || sizeOf(shape) === 0) return 'other'
  const units = sizeOf(shape)
  const [both, second] = [pair.data as Float32Array, alone.data as Float32Array]
  let scale = 0
  let moved = 0
  for (let i = 0; i < units; i++) {
    scale = Math.max(scale, Math.abs(second[i]))
    moved = Math.max(moved, Math.abs(both[units + i] - second[i]))
  }
  if (!both.every(Number.isFinite)) return 'not finite'
  return moved <= TOLERANCE * scale ? { shape } : 'mixed'
}

/**
 * Runs a model on two images of noise and on the second alone, all its values as outputs: the shapes, without the image axis, of those
 * values that hold one row per image and depend on that image alone. VentralError unsupported-format where there are none, where the
 * runtime lacks an operator, where the model takes no second image, and where its own outputs depend on both or are not finite.
 */
export const probe = async (model: GivenModel, { nodes, ends }: NamedModel, { image, side, threads }: { image: string; side: number; threads: number }, where: string): Promise<Map<string, number[]>> => {
  const session = await open(probeModel(model, nodes, image, side), where, threads)
  const pixels = noise(2 * 3 * side * side)
  const run = (rows: Float32Array, count: number, names?: string[]): Promise<Values> => {
    const feeds = { [image]: new ort.Tensor('float32', rows, [count, 3, side, side]) }
    return names === undefined ? session.run(feeds) : session.run(feeds, names)
  }
  const alone = await run(pixels.subarray(pixels.length / 2), 1).catch((error: unknown) => {
    throw unfit(where, `does not run on an image of ${side} x ${side}: ${said(error)}`, 'State the input size that it was made for, or export it again.', 'a model that runs')
  })
  const changed = new Set<string>()
  if (model.stated !== null) {
    const stated = await open(probeModel({ ...model, ...model.stated }, nameValues({ ...model, ...model.stated }, image).nodes, image, side), where, threads)
    const feeds = { [image]: new ort.Tensor('float32', pixels.subarray(pixels.length / 2), [1, 3, side, side]) }
    for (const [name, value] of Object.entries((await stated.run(feeds)) as Values)) if (!agree(value, alone[name])) changed.add(name)
    await stated.release()
  }
  const judged: (readonly [string, Verdict])[] = []
  for (const names of groupsOf(alone)) {
    const pair = await run(pixels, 2, names).catch((error: unknown) => {
      throw oneByOne(where, said(error))
    })
    judged.push(...names.map((name) => [name, changed.has(name) ? 'changed' : judge(pair[name], alone[name])] as const))
  }
  const found = new Map(judged)
  const mixed = ends.filter((name) => found.get(name) === 'mixed')
  if (mixed.length > 0) throw unfit(where, `lets one image change what another gives (${some(mixed.map(layerOf))})`, 'Call model.eval() before the export, and keep the images along the first axis.', 'each image by itself')
  if (ends.some((name) => found.get(name) === 'changed')) throw oneByOne(where, 'its shapes are those of one image')
  const wild = ends.filter((name) => found.get(name) === 'not finite')
  if (wild.length > 0) throw unfit(where, `gives values that are not finite (${some(wild.map(layerOf))}) for an image of noise`, 'Are its weights sound?', 'finite values')
  const layers = judged.filter((entry): entry is [string, { shape: number[] }] => typeof entry[1] === 'object')
  if (layers.length > 0) return new Map(layers.map(([name, { shape }]) => [name, shape]))
  throw unfit(where, 'has no float32 value with a row per image', 'Its values must be finite, and the first axis of its layers that of the images.', 'layers of n x …')
}
