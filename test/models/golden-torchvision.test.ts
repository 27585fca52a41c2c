import { createHash } from 'node:crypto'
import fs from 'node:fs'
import t from 'tap'
import { getBackbone } from '../../src/models/backbones/index.ts'
import type { Golden } from '../helper/golden.ts'
import { compareWithGolden } from '../helper/golden.ts'

// Frozen from torchvision for the architectures without a shared reference file (see trim.py beside it).
const file = new URL('../reference/backbones/torchvision.json', import.meta.url)
const goldens = JSON.parse(fs.readFileSync(file, 'utf8')) as (Golden & { params_sha256: string })[]

for (const golden of goldens) {
  t.test(`${golden.arch}: parameters and every tap are torchvision's`, async (t) => {
    const graph = getBackbone(golden.arch)
    const names = graph.params.map(({ name, shape }) => `${name} ${shape.join('x')}`).join('\n')
    t.equal(createHash('sha256').update(names).digest('hex'), golden.params_sha256, 'names, shapes and order')
    t.equal(graph.inputSize, golden.input_size)
    const shapes = new Map(graph.layers.map(({ name, shape }) => [name, shape.join('x')]))
    t.strictSame(golden.taps.filter(({ name, shape }) => shapes.get(name) !== shape.slice(1).join('x')), [])
    const { missed, worst } = await compareWithGolden(graph, golden)
    t.strictSame(missed, [], `worst error ${worst.toFixed(3)} of its tolerance`)
  })
}
