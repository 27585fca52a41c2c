import fs from 'node:fs'

/**
 * What is kept of a layer's activations X (stimulus x unit) once they are gone: the Gram matrix about the mean vector μ
 * and the sums from which every other Gram form follows. All float64.
 */
export interface LayerGram {
  units: number
  stimuli: number
  precision: 'f32' | 'f64'
  /** (X - μ)(X - μ)', stimulus x stimulus */
  K: Float64Array
  /** X·μ, X·1 and the sum of squares of each stimulus */
  Xmu: Float64Array
  Xsum: Float64Array
  sumSquares: Float64Array
  /** μ'μ and Σμ */
  muSquared: number
  muSum: number
  /** largest eigenvalue of K, by power iteration and a margin of 5 % above it */
  largestEigenvalue: number
}

const MAGIC = Buffer.from('VENTRALGRAM1')

const vectors = (gram: LayerGram): Float64Array[] => [gram.K, gram.Xmu, gram.Xsum, gram.sumSquares]

/** Writes a Gram file: magic, length of the JSON header, header, then the vectors as little-endian float64. */
export const writeGramFile = (file: string, gram: LayerGram): void => {
  const header = Buffer.from(JSON.stringify({ units: gram.units, stimuli: gram.stimuli, precision: gram.precision, muSquared: gram.muSquared, muSum: gram.muSum, largestEigenvalue: gram.largestEigenvalue }))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(header.length)
  const fd = fs.openSync(file, 'w')
  try {
    for (const part of [MAGIC, length, header, ...vectors(gram).map((v) => new Uint8Array(v.buffer, v.byteOffset, v.byteLength))])
      for (let done = 0; done < part.length; ) done += fs.writeSync(fd, part, done)
    fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
}

/** Reads a Gram file; K lies in shared memory so that fold workers read it without a copy. Throws when the file is not whole. */
export const readGramFile = (file: string): LayerGram => {
  const fd = fs.openSync(file, 'r')
  try {
    const size = fs.fstatSync(fd).size
    const head = Buffer.alloc(MAGIC.length + 4)
    fs.readSync(fd, head, 0, head.length, 0)
    if (!head.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error(`${file} is not a Gram file`)
    const headerLength = head.readUInt32LE(MAGIC.length)
    if (headerLength > size) throw new Error(`${file} is not whole`)
    const header = Buffer.alloc(headerLength)
    fs.readSync(fd, header, 0, header.length, head.length)
    const facts = JSON.parse(header.toString()) as Pick<LayerGram, 'units' | 'stimuli' | 'precision' | 'muSquared' | 'muSum' | 'largestEigenvalue'>
    const n = facts.stimuli
    let position = head.length + header.length
    if (size !== position + 8 * (n * n + 3 * n)) throw new Error(`${file} is not whole`)
    const read = (count: number): Float64Array => {
      const values = new Float64Array(new SharedArrayBuffer(8 * count))
      const bytes = new Uint8Array(values.buffer)
      for (let done = 0; done < bytes.length; ) {
        const got = fs.readSync(fd, bytes, done, bytes.length - done, position + done)
        if (got === 0) throw new Error(`${file} ended early`)
        done += got
      }
      position += bytes.length
      return values
    }
    return { ...facts, K: read(n * n), Xmu: read(n), Xsum: read(n), sumSquares: read(n) }
  } finally {
    fs.closeSync(fd)
  }
}
