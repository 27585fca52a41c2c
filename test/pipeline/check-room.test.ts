import t from 'tap'
import { loadConfig } from '../../src/config.ts'
import type { FitRequest } from '../../src/domain/fit.ts'
import { checkRoom } from '../../src/pipeline/check-room.ts'
import type { PipelineContext } from '../../src/pipeline/context.ts'
import { resolved } from './fixtures.ts'

const check = (request: Partial<FitRequest>, gigabytes: string): void =>
  checkRoom({ config: loadConfig({}, { VENTRAL_SPILL_GB: gigabytes }), home: { folders: { tmp: '.' } } as PipelineContext['home'] }, resolved(request), 30)

t.test('a layer or a control without room is refused by name, and told what helps', async (t) => {
  const layers = ['features.2', 'features.12']
  t.doesNotThrow(() => check({ layers }, '0.03'), 'features.2: 64 x 55 x 55 units x 30 stimuli x 4 bytes = 23 MB')
  t.throws(() => check({ layers }, '0.02'), { code: 'does-not-fit', message: /features\.2 .*VENTRAL_SPILL_GB/ })
  t.doesNotThrow(() => check({ layers, pooling: { grid: 4 } }, '0.01'))
  t.doesNotThrow(() => check({ layers, pooling: { grid: 4 }, controls: ['pixels', 'random'] }, '0.01'))
  t.throws(() => check({ layers, pooling: { grid: 4 }, controls: [{ name: 'pixels', pooling: 'none' }] }, '0.01'), { code: 'does-not-fit', message: /^pixels / })
})
