import { registerHooks } from 'node:module'
import * as tf from '@tensorflow/tfjs-core'

/**
 * Registers the gradients of TensorFlow.js's operations with the engine that all its packages share. The package's own module for Node
 * leaves them out, and the one that has them is written for bundlers: its imports name files without their extension, which is added
 * here while it loads. (tfjs-node brings them along.)
 */
export const registerGradients = async (): Promise<void> => {
  if (tf.getGradient(tf.Conv2D)) return
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier.startsWith('.') && !specifier.endsWith('.js') && context.parentURL?.includes('/@tensorflow/tfjs-core/dist/')
        ? { url: new URL(`${specifier}.js`, context.parentURL).href, format: 'module', shortCircuit: true }
        : next(specifier, context),
  })
  try {
    await import('@tensorflow/tfjs-core/dist/register_all_gradients.js')
  } finally {
    hooks.deregister()
  }
}
