/** Which backend of TensorFlow.js runs, and why those before it in the order of choice do not. */
export interface TfjsFacts {
  backend: 'tensorflow' | 'wasm'
  /** the npm package that brings the backend */
  package: string
  version: string
  device: 'cpu' | 'gpu'
  /** what else digits and speed depend on: libtensorflow's version, or the instructions of the WebAssembly build */
  detail: string
  /** preferred backends that did not load */
  unavailable: { package: string; reason: string }[]
}
