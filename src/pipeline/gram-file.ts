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
  /** X itself where the layer is small enough to be fitted in primal form, in the precision in which it came; else null */
  values: Float32Array | Float64Array | null
}

type Facts = Pick<LayerGram, 'units' | 'stimuli' | 'precision' | 'muSquared' | 'muSum' | 'largestEigenvalue'> & { values: 'f32' | 'f64' | null }

const MAGIC = Buffer.from('VENTRALGRAM2')

const vectors = (gram: LayerGram): (Float32Array | Float64Array)[] => [gram.K, gram.Xmu, gram.Xsum, gram.sumSquares, ...(gram.values === null ? [] : [gram.values])]

const factsOf = ({ units, stimuli, precision, muSquared, muSum, largestEigenvalue, values }: LayerGram): Facts => ({
  units,
  stimuli,
  precision,
  muSquared,
  muSum,
  largestEigenvalue,
  values: values === null ? null : values instanceof Float32Array ? 'f32' : 'f64',
})

/** Writes a Gram file: magic, length of the JSON header, header, then the vectors as little-endian float64, X as it is. */
export const writeGramFile = (file: string, gram: LayerGram): void => {
  const header = Buffer.from(JSON.stringify(factsOf(gram)))
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

/** Reads a Gram file, X only where it is asked for; K lies in shared memory so that fold workers read it without a copy. Throws when the file is not whole. */
export const readGramFile = (file: string, wantsValues: (stimuli: number, units: number) => boolean = () => false): LayerGram => {
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
    const facts = JSON.parse(header.toString()) as Facts
    const n = facts.stimuli
    let position = head.length + header.length
    const valueBytes = { f32: 4, f64: 8, none: 0 }[facts.values ?? 'none']
    if (size !== position + 8 * (n * n + 3 * n) + valueBytes * n * facts.units) throw new Error(`${file} is not whole`)
    const fill = (bytes: Uint8Array): void => {
      for (let done = 0; done < bytes.length; ) {
        const got = fs.readSync(fd, bytes, done, bytes.length - done, position + done)
        if (got === 0) throw new Error(`${file} ended early`)
        done += got
      }
      position += bytes.length
    }
    const read = (count: number): Float64Array => {
      const values = new Float64Array(new SharedArrayBuffer(8 * count))
      fill(new Uint8Array(values.buffer))
      return values
    }
    const readValues = (): LayerGram['values'] => {
      if (facts.values === null) return null
      const count = n * facts.units
      const values = facts.values === 'f32' ? new Float32Array(count) : new Float64Array(count)
      fill(new Uint8Array(values.buffer))
      return values
    }
    return { ...facts, K: read(n * n), Xmu: read(n), Xsum: read(n), sumSquares: read(n), values: wantsValues(n, facts.units) ? readValues() : null }
  } finally {
    fs.closeSync(fd)
  }
}
