// POST /predict of a 640x480 JPEG over a kept-alive connection, against the encoder session's own run; no fit running.
//   npm run bench:predict
import fs from 'node:fs'
import http from 'node:http'
import os from 'node:os'
import path from 'node:path'
import * as ort from '../src/numerics/onnx/runtime.ts'
import { pino } from 'pino'
import sharp from 'sharp'
import { ZipFile } from 'yazl'
import { pipeline } from 'node:stream/promises'
import { loadConfig } from '../src/config.ts'
import type { DatasetSummary } from '../src/domain/dataset.ts'
import { createSession } from '../src/numerics/onnx/session.ts'
import { encodeNpy } from '../src/numerics/npy.ts'
import { importDataset } from '../src/pipeline/datasets.ts'
import { encoderModelFile } from '../src/pipeline/encoders.ts'
import { createFit, getFit } from '../src/pipeline/fits.ts'
import type { FitView } from '../src/pipeline/fits.ts'
import { startServer } from '../src/server/start.ts'
import { describeMachine, median, say, secondsOf } from './measure.ts'

const CALLS = 200
const n = 40

/** A small data set: how long a prediction takes depends on the network alone. */
const makeFiles = async (folder: string): Promise<{ stimuli: string; responses: string }> => {
  const zip = new ZipFile()
  for (let i = 0; i < n; i++) zip.addBuffer(await sharp({ create: { width: 32, height: 32, channels: 3, background: { r: (i * 37) % 256, g: (i * 91) % 256, b: (i * 53) % 256 } } }).png().toBuffer(), `${String(i).padStart(3, '0')}.png`)
  zip.end()
  const [stimuli, responses] = [path.join(folder, 'stimuli.zip'), path.join(folder, 'responses.npy')]
  await pipeline(zip.outputStream, fs.createWriteStream(stimuli))
  fs.writeFileSync(responses, encodeNpy(Float64Array.from({ length: n * 168 }, (_, k) => Math.sin(k)), [n, 168]))
  return { stimuli, responses }
}

const post = (url: string, agent: http.Agent, body: Buffer): Promise<void> =>
  new Promise((resolve, reject) => {
    const request = http.request(url, { method: 'POST', agent, headers: { 'content-type': 'image/jpeg', 'content-length': body.length } }, (response) => {
      response.resume().on('end', () => (response.statusCode === 200 ? resolve() : reject(new Error(`status ${response.statusCode}`))))
    })
    request.on('error', reject).end(body)
  })

describeMachine()
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ventral-bench-'))
const config = loadConfig({ home: path.join(folder, 'home'), port: 0 })
const server = await startServer(config, { logger: pino({ level: 'silent' }) })
try {
  const { context } = server
  const files = await makeFiles(folder)
  const dataset = (await importDataset(context, { files, fields: { name: 'bench', axes: 'stimulus,site', unit: 'other', region: 'IT' }, owner: 'local', idempotency: null })).body as DatasetSummary
  const jpeg = await sharp({ create: { width: 640, height: 480, channels: 3, background: '#808080', noise: { type: 'gaussian', mean: 128, sigma: 30 } } }).blur(2).jpeg({ quality: 90 }).toBuffer()
  const agent = new http.Agent({ keepAlive: true })
  for (const [backbone, layer] of [['resnet18', 'layer3'], ['resnet50', 'layer3']] as const) {
    const { id } = (await createFit(context, { dataset: dataset.id, backbone, weights: 'random', layers: [layer], pooling: { grid: 4 }, split: { scheme: 'kfold', folds: 2 }, mapping: { method: 'ridge', inner: { folds: 2 } } }, { owner: 'local', idempotency: null })).body as FitView
    let view = await getFit(context, id)
    while (view.status === 'queued' || view.status === 'running') {
      await new Promise((resolve) => setTimeout(resolve, 200))
      view = await getFit(context, id)
    }
    if (view.status !== 'succeeded') throw new Error(JSON.stringify(view.error))
    const session = await createSession((await encoderModelFile(context, view.encoder!)).path, { threads: config.threads })
    const pixels = new ort.Tensor('float32', Float32Array.from({ length: 3 * 224 * 224 }, (_, i) => ((i * 2654435761) >>> 8) / 2 ** 24), [1, 3, 224, 224])
    const url = `${server.url}/predict?encoder=${view.encoder}`
    for (let i = 0; i < 10; i++) {
      await session.run({ pixels })
      await post(url, agent, jpeg)
    }
    const bare: number[] = []
    const served: number[] = []
    for (let i = 0; i < CALLS; i++) {
      bare.push(1000 * (await secondsOf(() => session.run({ pixels }))))
      served.push(1000 * (await secondsOf(() => post(url, agent, jpeg))))
    }
    await session.release()
    say(`${backbone} ${layer}: POST /predict p50 ${median(served).toFixed(1)} ms, the session's own run ${median(bare).toFixed(1)} ms: ${(median(served) - median(bare)).toFixed(1)} ms on top`)
  }
  agent.destroy()
} finally {
  await server.close()
  fs.rmSync(folder, { recursive: true, force: true })
}
