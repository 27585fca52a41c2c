import os from 'node:os'
import t from 'tap'
import { loadConfig } from '../src/config.ts'

t.test('flags win over the environment, the environment over defaults', async (t) => {
  t.equal(loadConfig({}, {}).port, 8080)
  t.equal(loadConfig({}, { VENTRAL_PORT: '9' }).port, 9)
  t.equal(loadConfig({ port: 7 }, { VENTRAL_PORT: '9' }).port, 7)
  t.equal(loadConfig({}, {}).host, '127.0.0.1')
  t.equal(loadConfig({}, { VENTRAL_SPILL_GB: '2' }).spillBytes, 2e9)
  t.equal(loadConfig({}, { VENTRAL_MEMORY_GB: '1.5' }).memoryBytes, 1.5e9)
  const { memoryBytes } = loadConfig({}, {})
  t.ok(memoryBytes > 1e8 && memoryBytes <= os.totalmem())
})

t.test('the engine is one of those there are', async (t) => {
  t.equal(loadConfig({}, {}).engine, 'onnx')
  t.equal(loadConfig({}, { VENTRAL_ENGINE: 'tfjs' }).engine, 'tfjs')
  t.equal(loadConfig({ engine: 'onnx' }, { VENTRAL_ENGINE: 'tfjs' }).engine, 'onnx')
  t.throws(() => loadConfig({ engine: 'torch' }, {}), { code: 'invalid-value', message: /"onnx" or "tfjs"/ })
})

t.test('a value that is no number is refused by name', async (t) => {
  t.throws(() => loadConfig({}, { VENTRAL_PORT: 'x' }), /VENTRAL_PORT/)
  t.throws(() => loadConfig({}, { VENTRAL_THREADS: '0' }), /VENTRAL_THREADS/)
  t.throws(() => loadConfig({}, { VENTRAL_RATE_LIMIT: '-1' }), /VENTRAL_RATE_LIMIT/)
})
