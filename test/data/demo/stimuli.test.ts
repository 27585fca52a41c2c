import { createHash } from 'node:crypto'
import sharp from 'sharp'
import t from 'tap'
import { drawStimulus, stimulusSide } from '../../../data/demo/draw-stimulus.ts'
import { encodeStimulus } from '../../../data/demo/encode-stimulus.ts'
import { categories } from '../../../data/demo/objects/objects.ts'
import { planStimuli } from '../../../data/demo/stimulus-plan.ts'
import { compareCodePoints, compareNatural } from '../../../src/datasets/natural-order.ts'

const plan = planStimuli()
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

t.test('8 categories x 8 objects x 10 views, in one order of names', async (t) => {
  t.equal(plan.length, 640)
  t.same(categories.map(({ objects }) => objects.length), [8, 8, 8, 8, 8, 8, 8, 8])
  const ids = plan.map(({ stimulusId }) => stimulusId)
  t.equal(new Set(ids).size, 640)
  t.same(ids.toSorted(compareNatural), ids)
  t.same(ids.toSorted(compareCodePoints), ids)
})

t.test('the same pixels everywhere', async (t) => {
  const drawn = [0, 137, 299, 450, 639].map((i) => sha256(drawStimulus(plan[i])).slice(0, 16))
  t.same(drawn, ['1cd9fae29601ea9e', '895a5475030611ca', 'a564969edfb81f47', 'b36b2960b8b0a3b8', '08e6f6c30e3c2ab7'])
})

t.test('the same file every time', async (t) => {
  const [first, second] = [await encodeStimulus(plan[77]), await encodeStimulus(plan[77])]
  t.equal(first.filename, `${plan[77].stimulusId}.jpg`)
  t.ok(Buffer.from(first.bytes).equals(second.bytes))
  const { width, height, format } = await sharp(first.bytes).metadata()
  t.same([width, height, format], [stimulusSide, stimulusSide, 'jpeg'])
})

t.test('an exact duplicate has other bytes and equal pixels', async (t) => {
  const copy = plan.find(({ duplicate }) => duplicate?.kind === 'exact')!
  const original = plan.find(({ stimulusId }) => stimulusId === copy.duplicate!.of)!
  const [a, b] = [await encodeStimulus(original), await encodeStimulus(copy)]
  t.notOk(Buffer.from(a.bytes).equals(b.bytes))
  t.ok((await sharp(a.bytes).raw().toBuffer()).equals(await sharp(b.bytes).raw().toBuffer()))
})

t.test('background and tint do not tell the category', async (t) => {
  // Between-category share of the variance of eight groups of 80: 7/639 on average, over .04 with p < 1e-3.
  const features: [string, (i: number) => number][] = [
    ['slope', (i) => plan[i].texture.slope],
    ['anisotropy', (i) => plan[i].texture.anisotropy],
    ['orientation', (i) => Math.cos((plan[i].texture.orientation * Math.PI) / 90)],
    ['contrast', (i) => plan[i].texture.contrast],
    ['luminance', (i) => plan[i].texture.luminance],
    ['background tint', (i) => plan[i].tint.background[0]],
    ['object tint', (i) => plan[i].tint.object[0]],
  ]
  for (const [name, feature] of features) {
    const mean = plan.reduce((sum, _, i) => sum + feature(i), 0) / plan.length
    const groups = categories.map((_, c) => plan.flatMap(({ categoryIndex }, i) => (categoryIndex === c ? [feature(i)] : [])))
    const between = groups.reduce((sum, group) => sum + group.length * (group.reduce((a, b) => a + b, 0) / group.length - mean) ** 2, 0)
    const total = plan.reduce((sum, _, i) => sum + (feature(i) - mean) ** 2, 0)
    t.ok(between / total < 0.04, `${name}: ${between / total}`)
  }
})
