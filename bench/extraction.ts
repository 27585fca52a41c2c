// Forward passes with five taps against PyTorch eager, one thread, batch 16; then from JPEG files with decoding beside it.
//   npm run bench:extraction -- [resnet50 resnet18 …]
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import sharp from 'sharp'
import { openBackbone } from '../src/models/activations.ts'
import { getBackbone } from '../src/models/backbones/index.ts'
import { randomParams } from '../src/models/initialise.ts'
import { extractLayers, streamActivations } from '../src/pipeline/extract.ts'
import { openStimulusFiles } from '../src/pipeline/stimulus-files.ts'
import { describeMachine, median, runPeer, say, secondsOf } from './measure.ts'

const BATCH = 16
const ROUNDS = 5
const IMAGES = 320
const layers = ['layer1', 'layer2', 'layer3', 'layer4', 'avgpool']

/** JPEG files of 640 x 480 with detail at all scales, so that decoding costs what photographs cost. */
const makeJpegs = async (folder: string): Promise<{ pack: string; stimuli: { offset: number; bytes: number; sha256: string; filename: string }[] }> => {
  const parts: Buffer[] = []
  for (let i = 0; i < 16; i++) {
    const layersOfNoise = await Promise.all(
      [8, 32, 128, 640].map((size) => sharp({ create: { width: size, height: Math.ceil((size * 3) / 4), channels: 3, background: '#808080', noise: { type: 'gaussian', mean: 128, sigma: 40 } } }).resize(640, 480).png().toBuffer()),
    )
    parts.push(await sharp(layersOfNoise[0]).composite(layersOfNoise.slice(1).map((input) => ({ input, blend: 'soft-light' as const }))).jpeg({ quality: 90 }).toBuffer())
  }
  let offset = 0
  const stimuli = Array.from({ length: IMAGES }, (_, i) => {
    const { length: bytes } = parts[i % parts.length]
    offset += bytes
    return { offset: offset - bytes, bytes, sha256: String(i), filename: `${i}.jpg` }
  })
  const pack = path.join(folder, 'pack')
  fs.writeFileSync(pack, Buffer.concat(stimuli.map((_, i) => parts[i % parts.length])))
  return { pack, stimuli }
}

describeMachine()
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ventral-bench-'))
try {
  const { pack, stimuli } = await makeJpegs(folder)
  for (const arch of process.argv.length > 2 ? process.argv.slice(2) : ['resnet50', 'resnet18']) {
    const graph = getBackbone(arch)
    const params = randomParams(graph, 0)
    const taps = layers.map((layer) => ({ layer, pooling: 'none' as const }))
    const backbone = await openBackbone({ graph, params, taps, threads: 1, normalise: true })
    const pixels = Float32Array.from({ length: BATCH * 3 * 224 * 224 }, (_, i) => ((i * 2654435761) >>> 8) / 2 ** 24)
    await backbone.run(pixels, BATCH)
    const own: number[] = []
    const peer: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      own.push(await secondsOf(() => backbone.run(pixels, BATCH)))
      peer.push(median(runPeer<{ seconds: number[] }>('torch_forward.py', [arch, 1, BATCH, 3, ...layers], 1).seconds))
    }
    await backbone.close()
    say(`${arch}: ${(1000 * median(own) / BATCH).toFixed(1)} ms an image, PyTorch eager ${(1000 * median(peer) / BATCH).toFixed(1)} ms: ${(median(peer) / median(own)).toFixed(2)}x`)

    const files = openStimulusFiles(pack, stimuli)
    // From the end of the first batch to the end of the last: opening the session is not part of it, decoding and resizing are.
    const network = { graph, params: () => Promise.resolve(params), weights: 'random', pooling: 'none' as const }
    const decoded: number[] = []
    for (let round = 0; round < 3; round++) {
      let started = 0
      let images = 0
      await streamActivations(network, layers, files, { threads: 1, folder }, (first, count) => {
        if (first === 0) started = performance.now()
        else images += count
      })
      decoded.push((performance.now() - started) / 1000 / images)
    }
    say(`${arch} from 640x480 JPEG, decoded and resized in one further thread: ${(1000 * median(decoded)).toFixed(1)} ms an image, ${((median(own) / BATCH) / median(decoded)).toFixed(2)} of the bare session`)
    const extract = (): Promise<void> =>
      extractLayers(network, layers, files, { threads: 1, spillBytes: 50e9, folder, onProgress: () => undefined }, () => Promise.resolve())
    const whole: number[] = []
    for (let round = 0; round < 3; round++) whole.push(await secondsOf(extract))
    files.close()
    say(`${arch} from 640x480 JPEG, all of an extraction of ${IMAGES} images (opening, 6 MB an image to disk): ${(1000 * median(whole) / IMAGES).toFixed(1)} ms an image`)
  }
} finally {
  fs.rmSync(folder, { recursive: true, force: true })
}
