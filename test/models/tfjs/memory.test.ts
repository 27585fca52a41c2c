import * as tf from '@tensorflow/tfjs-core'
import t from 'tap'
import { loadBackend } from '../../../src/models/tfjs/backend.ts'
import { createGraphBuilder } from '../../../src/models/graph-builder.ts'
import { fill } from '../../helper/generator.ts'
import { openNetwork, smallNet } from './small-net.ts'

await loadBackend()

const pixels = fill('input', [2, 3, 12, 12], 'input')
const held = (): number[] => [tf.memory().numTensors, tf.memory().numBytes]

t.test('every call disposes what it made', (t) => {
  t.strictSame(held(), [0, 0])
  const network = openNetwork(smallNet())
  const before = held()
  const taps = smallNet().layers.map(({ name }) => ({ layer: name, pooling: { grid: 2 } }))
  for (let i = 0; i < 3; i++) {
    const [pool] = network.run({ count: 2, pixels }, [{ layer: 'pool', pooling: 'none' }])
    network.run({ count: 2, pixels }, taps)
    network.run({ count: 2, from: { layer: 'pool', activations: pool } }, [{ layer: 'classifier', pooling: 'none' }])
    network.gradient({ count: 2, pixels }, 'depthwise', { layer: 'classifier', units: [0, 1] })
    t.throws(() => network.run({ count: 2, pixels: pixels.subarray(1) }, taps))
    t.strictSame(held(), before)
  }
  network.dispose()
  t.strictSame(held(), [0, 0])
  t.end()
})

t.test('of a chain, no more than two values are held at a time', (t) => {
  const g = createGraphBuilder({ id: 'chain', family: 'test', inputSize: 12 })
  let x = g.input
  for (let i = 0; i < 20; i++) x = g.relu(`relu${i}`, x)
  const network = openNetwork(g.finish({ defaults: ['relu19'] }))
  const registered = tf.getKernel(tf.Relu, tf.getBackend())
  let most = 0
  tf.unregisterKernel(tf.Relu, tf.getBackend())
  tf.registerKernel({
    ...registered,
    kernelFunc: (call) => {
      most = Math.max(most, tf.memory().numBytes)
      return registered.kernelFunc(call)
    },
  })
  network.run({ count: 2, pixels }, [{ layer: 'relu19', pooling: 'none' }])
  // The input is the caller's, in two orders of its axes.
  t.ok(most > 0 && most <= 4 * pixels.byteLength, `${most} of ${20 * pixels.byteLength} bytes`)
  t.end()
})
