import util from 'node:util'
import * as tf from '@tensorflow/tfjs-core'
import wasmPackage from '@tensorflow/tfjs-backend-wasm/package.json' with { type: 'json' }
import type { TfjsFacts } from './facts.ts'
import { registerGradients } from './gradients.ts'
import { registerWasmKernels } from './wasm/kernels.ts'

/** In the order of choice; optional peer dependencies, since their install downloads libtensorflow from a vendor's host. */
const nativePackages = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node']

/** What this module uses of the native backend. */
interface NativeBackend {
  isUsingGpuDevice: boolean
  binding: { TF_Version: string }
}

/** tfjs-node 4.22 still calls this function, which Node 23 took away. */
const restoreIsNullOrUndefined = (): void => {
  const old = util as unknown as { isNullOrUndefined?: (value: unknown) => boolean }
  old.isNullOrUndefined ??= (value) => value === null || value === undefined
}

const reasonOf = (name: string, error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ERR_MODULE_NOT_FOUND' && message.includes(`'${name}'`)) return `not installed (npm install ${name}, which downloads libtensorflow)`
  return `does not load: ${message.split('\n')[0]}`
}

const loadNative = async (name: string): Promise<Omit<TfjsFacts, 'unavailable'>> => {
  restoreIsNullOrUndefined()
  const module = (await import(name)) as { version: Record<string, string> }
  if (!(await tf.setBackend('tensorflow'))) throw new Error('its backend does not start')
  const backend = tf.backend() as unknown as NativeBackend
  return { backend: 'tensorflow', package: name, version: module.version['tfjs-node'] ?? tf.version_core, device: backend.isUsingGpuDevice ? 'gpu' : 'cpu', detail: `libtensorflow ${backend.binding.TF_Version}` }
}

const loadWasm = async (): Promise<Omit<TfjsFacts, 'unavailable'>> => {
  await import('@tensorflow/tfjs-backend-wasm')
  registerWasmKernels()
  await tf.setBackend('wasm')
  const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')
  return { backend: 'wasm', package: '@tensorflow/tfjs-backend-wasm', version: wasmPackage.version, device: 'cpu', detail: simd ? 'SIMD, one thread' : 'no SIMD, one thread' }
}

const load = async (): Promise<TfjsFacts> => {
  tf.enableProdMode() // without it backends print advice
  const facts = await loadBest()
  await registerGradients()
  return facts
}

const loadBest = async (): Promise<TfjsFacts> => {
  const unavailable: TfjsFacts['unavailable'] = []
  for (const name of nativePackages) {
    try {
      return { ...(await loadNative(name)), unavailable }
    } catch (error) {
      unavailable.push({ package: name, reason: reasonOf(name, error) })
    }
  }
  return { ...(await loadWasm()), unavailable }
}

let loaded: Promise<TfjsFacts> | null = null

/** Loads the best backend that this installation has, once per thread; answers which it is. */
export const loadBackend = (): Promise<TfjsFacts> => (loaded ??= load())
