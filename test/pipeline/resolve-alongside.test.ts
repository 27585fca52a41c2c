import t from 'tap'
import type { FitRequest } from '../../src/domain/fit.ts'
import { namedLayers, networksOf } from '../../src/pipeline/fit-networks.ts'
import { resolved } from './fixtures.ts'

const sha = `sha256:${'0123456789abcdef'.repeat(4)}`
const own: Partial<FitRequest> = { layers: ['features.5'], pooling: { grid: 4 } }

t.test('a network is named by what sets it apart from the published weights under the pooling of the fit', (t) => {
  const { alongside } = resolved({
    ...own,
    alongside: [
      { backbone: 'alexnet' },
      { backbone: 'alexnet', pooling: 'none', layers: ['features.1'] },
      { backbone: 'squeezenet1_1', pooling: { grid: 2 } },
      { backbone: 'squeezenet1_1', weights: 'random', seed: 3 },
      { backbone: 'squeezenet1_1', weights: 'random', seed: 3, pooling: { grid: 1 } },
      { backbone: 'squeezenet1_1', weights: sha, pooling: { grid: 4 } },
    ],
  })
  t.same(alongside!.map(({ name }) => name), ['alexnet', 'alexnet/unpooled', 'squeezenet1_1/grid2', 'squeezenet1_1/random-3', 'squeezenet1_1/grid1/random-3', 'squeezenet1_1/0123456789ab'])
  t.match(alongside![0], { weights: 'pretrained', seed: 0, pooling: { grid: 4 }, layers: /./ })
  t.end()
})

t.test('layers carry the name of their network, but for the own one', (t) => {
  const request = resolved({ ...own, alongside: [{ backbone: 'alexnet', layers: ['features.1', 'features.4'] }], encoder: 'alexnet:features.4' })
  t.same(namedLayers(networksOf(request)).map(({ name, network }) => [name, network.backbone]), [
    ['features.5', 'squeezenet1_1'],
    ['alexnet:features.1', 'alexnet'],
    ['alexnet:features.4', 'alexnet'],
  ])
  t.notOk('alongside' in resolved({ ...own, alongside: [] }), 'none is as good as not asked for')
  t.end()
})

t.test('a variant goes by its one name, however it is spelled', (t) => {
  const spelled = { backbone: 'cornet_s+skip=off+bottleneck=4+areas=V1-V2-IT', weights: 'random' }
  const one = 'cornet_s+areas=V1-V2-IT+skip=off'
  const request = resolved({ ...spelled, alongside: [{ backbone: 'hmax+seed=0+prototypes=20' }] })
  t.match(request, { backbone: one, layers: ['V1.output-t0', 'V2.output-t1', 'IT.output-t1'], alongside: [{ name: 'hmax+prototypes=20', backbone: 'hmax+prototypes=20', layers: ['C1', 'C2'] }] })
  t.throws(() => resolved({ ...own, alongside: [spelled, { ...spelled, backbone: one }] }), { code: 'invalid-value', errors: [{ pointer: '/alongside/1', found: `${one}/random-0` }] })
  t.throws(() => resolved({ ...own, alongside: [{ backbone: 'cornet_s+skip=no' }] }), { code: 'invalid-value', message: /skip takes on or off/, errors: [{ pointer: '/alongside/0/backbone' }] })
  t.end()
})

t.test('what makes no sense is refused where it stands', (t) => {
  const refused = (alongside: FitRequest['alongside'], code: string, pointer: string) => t.throws(() => resolved({ ...own, alongside }), { code, errors: [{ pointer }] }, `${code} ${pointer}`)
  refused([{ backbone: 'alexnet' }, { backbone: 'alexnet', layers: ['features.1'] }], 'invalid-value', '/alongside/1')
  refused([{ backbone: 'squeezenet1_1' }], 'invalid-value', '/alongside/0')
  refused([{ backbone: 'alexnt' }], 'unknown-backbone', '/alongside/0/backbone')
  refused([{ backbone: 'alexnet', layers: ['features.99'] }], 'unknown-layer', '/alongside/0/layers')
  refused([{ backbone: 'alexnet', weights: 'best' }], 'invalid-value', '/alongside/0/weights')
  refused([{ backbone: 'alexnet', pooling: { grid: 0 } }], 'invalid-value', '/alongside/0/pooling/grid')
  t.throws(() => resolved({ ...own, alongside: [{ backbone: 'alexnet' }], encoder: 'features.4' }), { code: 'invalid-value', errors: [{ pointer: '/encoder' }] })
  t.end()
})
