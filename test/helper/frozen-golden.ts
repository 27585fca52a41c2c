import { createHash } from 'node:crypto'
import fs from 'node:fs'
import type { Test } from 'tap'
import type { LayerGraph } from '../../src/models/graph.ts'
import type { Golden } from './golden.ts'
import { compareWithGolden } from './golden.ts'

/** A golden file cut down to what fits here, by test/reference/backbones/trim.py. */
export type FrozenGolden = Golden & { params_sha256: string }

export const frozenGoldens = (name: string): FrozenGolden[] =>
  JSON.parse(fs.readFileSync(new URL(`../reference/backbones/${name}`, import.meta.url), 'utf8')) as FrozenGolden[]

/** Parameters, taps and their values are those of the golden file. */
export const matchesGolden = async (t: Test, graph: LayerGraph, golden: FrozenGolden): Promise<void> => {
  const names = graph.params.map(({ name, shape }) => `${name} ${shape.join('x')}`).join('\n')
  t.equal(createHash('sha256').update(names).digest('hex'), golden.params_sha256, 'names, shapes and order')
  t.equal(graph.inputSize, golden.input_size)
  const shapes = new Map(graph.layers.map(({ name, shape }) => [name, shape.join('x')]))
  t.strictSame(golden.taps.filter(({ name, shape }) => shapes.get(name) !== shape.slice(1).join('x')), [])
  const { missed, worst } = await compareWithGolden(graph, golden)
  t.strictSame(missed, [], `worst error ${worst.toFixed(3)} of its tolerance`)
}
