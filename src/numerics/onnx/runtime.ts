import './no-telemetry.ts'

// The one place that loads onnxruntime.
export * from 'onnxruntime-node'
