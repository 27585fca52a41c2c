import * as tf from '@tensorflow/tfjs-core'
import { convInputGrad } from './conv-input-grad.ts'
import { depthwiseInputGrad } from './depthwise-input-grad.ts'
import { maxPoolGrad } from './max-pool-grad.ts'
import { turnedProduct } from './turned-product.ts'

/** Gives the WebAssembly backend, before it starts, the kernels of derivatives that it lacks, has wrong, or is very slow at. */
export const registerWasmKernels = (): void => {
  const product = tf.getKernel(tf.BatchMatMul, 'wasm')
  const kernels = {
    [tf.MaxPoolGrad]: maxPoolGrad,
    [tf.DepthwiseConv2dNativeBackpropInput]: depthwiseInputGrad,
    [tf.Conv2DBackpropInput]: convInputGrad,
    [tf.BatchMatMul]: turnedProduct(product.kernelFunc),
  }
  for (const [kernelName, kernelFunc] of Object.entries(kernels)) {
    if (tf.getKernel(kernelName, 'wasm')) tf.unregisterKernel(kernelName, 'wasm')
    // What the backend's own one prepares when it starts, the new one calls.
    const setupFunc = kernelName === tf.BatchMatMul ? product.setupFunc : undefined
    tf.registerKernel({ kernelName, backendName: 'wasm', kernelFunc: kernelFunc as unknown as tf.KernelFunc, setupFunc })
  }
}
