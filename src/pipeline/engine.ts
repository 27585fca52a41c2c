import os from 'node:os'
import runtime from 'onnxruntime-node/package.json' with { type: 'json' }
import ventral from '../../package.json' with { type: 'json' }

/** What digits depend on besides the request: engine, its version and the instruction set. */
export const engine = {
  name: 'onnxruntime-node',
  version: runtime.version,
  device: 'cpu',
  architecture: process.arch,
  cpu: os.cpus()[0]?.model ?? 'unknown',
}

export const versions = { ventral: ventral.version, node: process.versions.node, [engine.name]: engine.version }
