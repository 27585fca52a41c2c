/** What computes networks: onnxruntime, or the same graph built with the TensorFlow.js API. */
export const engineNames = ['onnx', 'tfjs'] as const

export type EngineName = (typeof engineNames)[number]
