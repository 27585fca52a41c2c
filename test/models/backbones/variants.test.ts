import t from 'tap'
import { backboneIds, getBackbone, parametersOf } from '../../../src/models/backbones/index.ts'
import { allSteps } from '../../../src/models/time-steps.ts'
import { sizeOf } from '../../../src/models/shapes.ts'

t.test('a circuit has one name, whatever is said of it and in which order', (t) => {
  t.equal(getBackbone('cornet_s+skip=on+times=1-2-4-2+areas=V1-V2-V4-IT'), getBackbone('cornet_s'))
  const one = getBackbone('cornet_s+gate=on+areas=V1-V2-IT')
  t.equal(one.id, 'cornet_s+areas=V1-V2-IT+gate=on')
  t.equal(getBackbone('cornet_s+areas=V1-V2-IT+times=1-2-2+channels=64-128-512+gate=on'), one, 'the usual values are those of the areas')
  t.equal(getBackbone(one.id), one)
  t.equal(getBackbone('legacy_xception'), getBackbone('xception'), "timm's name")
  t.end()
})

t.test('each parameter changes what it says', (t) => {
  const params = (id: string): string[] => getBackbone(id).params.map(({ name }) => name)
  const units = (id: string): number => getBackbone(id).params.reduce((sum, { shape }) => sum + sizeOf(shape), 0)
  const usual = params('cornet_s')
  t.strictSame(usual.filter((name) => !params('cornet_s+skip=off').includes(name)).filter((name) => !/^(V2|V4|IT)\.(skip|norm_skip)\./.test(name)), [])
  t.notOk(params('cornet_s+norm=shared').some((name) => /norm\d_/.test(name)))
  t.ok(params('cornet_s+norm=shared').includes('V4.norm3.running_var'))
  t.notOk(params('cornet_s+convolutions=2').some((name) => name.includes('conv3')))
  t.strictSame(params('cornet_s+gate=on').filter((name) => !usual.includes(name)), ['V2', 'V4', 'IT'].flatMap((area) => [`${area}.gate.weight`, `${area}.gate.bias`]))
  t.ok(units('cornet_s+bottleneck=1') < units('cornet_s') / 3)
  t.equal(units('cornet_s+times=1-2-5-2') - units('cornet_s'), 4 * (1024 + 1024 + 256), 'a further step has its own norms only')
  t.strictSame(allSteps(getBackbone('cornet_s+times=1-2-4-5'), 'IT').map(({ step }) => step), [0, 1, 2, 3, 4])
  t.strictSame(getBackbone('cornet_s+areas=V1-pIT-aIT').layers.filter((layer) => layer.default).map(({ name, region }) => `${region} ${name}`), ['V1 V1.output-t0', 'IT pIT.output-t1', 'IT aIT.output-t1'])
  t.end()
})

t.test('what cannot be is refused, with what can', (t) => {
  const refused = (id: string, message: RegExp): void => void t.throws(() => getBackbone(id, '/alongside/0/backbone'), { name: 'VentralError', code: 'invalid-value', message, errors: [{ pointer: '/alongside/0/backbone' }] }, id)
  refused('cornet_s+step=2', /no parameter "step".*it has areas, channels, times/)
  refused('cornet_s+skip', /skip takes on or off; as in "skip=on"/)
  refused('cornet_s+', /no parameter ""/)
  refused('cornet_s+skip=off+skip=off', /skip is said twice/)
  refused('cornet_s+areas=V1-V4-V2', /in this order/)
  refused('cornet_s+areas=V2-IT', /V1 and one or more/)
  refused('cornet_s+areas=V1-pIT-IT', /IT, or its parts/)
  refused('cornet_s+times=1-2-4', /one per area/)
  refused('cornet_s+times=2-2-4-2', /1 for V1/)
  refused('cornet_s+times=1-2-4-11', /from 1 to 10/)
  refused('cornet_s+bottleneck=04', /from 1 to 8/)
  refused('cornet_s+channels=64-1024-1024-1024+bottleneck=8', /1869 million parameters/)
  refused('basenet+kernels=4-3-3-3-3-3', /odd numbers/)
  refused('resnet18+skip=off', /resnet18 has no parameters to vary; cornet_s, basenet, hmax have/)
  t.throws(() => getBackbone('constructor+skip=off'), { code: 'unknown-backbone' })
  t.end()
})

t.test('what may be varied is told, with the values of the published form', (t) => {
  for (const id of backboneIds) for (const { name, default: usual } of parametersOf(id)) t.equal(getBackbone(`${id}+${name}=${usual}`).id, id, `${id}: ${name}=${usual}`)
  t.strictSame(parametersOf('cornet_s+skip=off'), parametersOf('cornet_s'))
  t.strictSame(parametersOf('resnet18'), [])
  t.end()
})
