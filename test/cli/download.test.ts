import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import fs from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { download } from '../../src/cli/download.ts'
import { ventral } from '../helper/cli.ts'
import { temporaryFolder } from '../helper/home.ts'

const content = randomBytes(300_000)
const sha256 = createHash('sha256').update(content).digest('hex')

type Answer = (request: http.IncomingMessage, response: http.ServerResponse) => void
interface Loopback {
  url: string
  /** the Range header of each request, in order */
  ranges: (string | undefined)[]
}

/** A server that answers the k-th request by the k-th behaviour, the last one from then on. */
const serve = async (t: Test, ...answers: Answer[]): Promise<Loopback> => {
  const ranges: (string | undefined)[] = []
  const server = http.createServer((request, response) => {
    ranges.push(request.headers.range)
    answers[Math.min(ranges.length, answers.length) - 1](request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/weights-${sha256.slice(0, 8)}.pth`, ranges }
}

/** A good server: ranges, an ETag, If-Range. */
const good =
  (bytes = content, etag = '"1"'): Answer =>
  ({ headers }, response) => {
    const from = headers.range !== undefined && headers['if-range'] === etag ? Number(/bytes=(\d+)-/.exec(headers.range)![1]) : 0
    if (from >= bytes.length) return void response.writeHead(416).end()
    if (from > 0) response.writeHead(206, { etag, 'content-length': bytes.length - from, 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` })
    else response.writeHead(200, { etag, 'content-length': bytes.length })
    response.end(bytes.subarray(from))
  }

/** Sends so many bytes of what it promised, then nothing more: `break` ends the connection, `stall` leaves it open. */
const partly =
  (count: number, then: 'break' | 'stall'): Answer =>
  (_, response) => {
    response.writeHead(200, { etag: '"1"', 'content-length': content.length })
    response.write(content.subarray(0, count), () => then === 'break' && setTimeout(() => response.destroy(), 50))
  }

const optionsOf = (t: Test) => ({
  file: path.join(temporaryFolder(t), 'downloads', 'weights.pth'),
  sha256Prefix: sha256.slice(0, 8),
  proxy: {},
  onProgress: () => undefined,
  signal: new AbortController().signal,
  stallMs: 300,
  backOffMs: [1, 1],
})

const kept = (file: string): string[] => fs.readdirSync(path.dirname(file)).sort()

t.test('a file comes whole, with progress, and leaves nothing beside it', async (t) => {
  const { url } = await serve(t, good())
  const options = optionsOf(t)
  let seen: [number, number] = [0, 0]
  t.equal(await download(url, { ...options, onProgress: (done, total) => (seen = [done, total]) }), sha256)
  t.ok(fs.readFileSync(options.file).equals(content))
  t.strictSame(seen, [content.length, content.length])
  t.strictSame(kept(options.file), ['weights.pth'])
})

for (const then of ['break', 'stall'] as const) {
  t.test(`a connection that ${then}s is taken up where it ended`, async (t) => {
    const { url, ranges } = await serve(t, partly(100_000, then), good())
    const options = optionsOf(t)
    t.equal(await download(url, options), sha256)
    t.equal(ranges[0], undefined)
    t.match(ranges[1], /^bytes=[1-9]\d*-$/)
    t.ok(fs.readFileSync(options.file).equals(content))
  })
}

t.test('a later call goes on from the bytes that an earlier one left', async (t) => {
  const first = await serve(t, partly(100_000, 'break'), (_, response) => void response.writeHead(503).end())
  const options = optionsOf(t)
  await t.rejects(download(first.url, options), { code: 'weights-missing', message: /answered 503.*100000 bytes are kept.*HTTPS_PROXY.*weights add/ })
  t.notOk(fs.existsSync(options.file))
  const second = await serve(t, good())
  t.equal(await download(second.url, options), sha256)
  t.strictSame(second.ranges, ['bytes=100000-'])
})

t.test('a server that has another file now, or knows no ranges, gives it anew', async (t) => {
  for (const answer of [good(content, '"2"'), ((_, response) => response.writeHead(200).end(content)) as Answer]) {
    const { url, ranges } = await serve(t, partly(100_000, 'break'), answer)
    t.equal(await download(url, optionsOf(t)), sha256)
    t.equal(ranges.length, 2)
  }
})

t.test('a whole file whose last answer was lost needs only its hash', async (t) => {
  const options = optionsOf(t)
  fs.mkdirSync(path.dirname(options.file))
  fs.writeFileSync(`${options.file}.part`, content)
  fs.writeFileSync(`${options.file}.part.of`, '"1"')
  const { url, ranges } = await serve(t, good())
  t.equal(await download(url, options), sha256)
  t.strictSame(ranges, [`bytes=${content.length}-`])
})

t.test('another hash is refused and nothing of it kept', async (t) => {
  const { url } = await serve(t, good(randomBytes(1000)))
  const options = optionsOf(t)
  await t.rejects(download(url, options), { code: 'damaged-file', message: new RegExp(`publisher states ${sha256.slice(0, 8)}…. It was not kept`) })
  t.strictSame(kept(options.file), [])
})

t.test('what will not get better is said at once, what may is tried again', async (t) => {
  const gone = await serve(t, (_, response) => void response.writeHead(404).end())
  await t.rejects(download(gone.url, optionsOf(t)), { code: 'weights-missing', message: /it answered 404/ })
  t.equal(gone.ranges.length, 1)
  const busy = await serve(t, (_, response) => void response.writeHead(503).end(), good())
  t.equal(await download(busy.url, optionsOf(t)), sha256)
  const refused = await serve(t, good())
  await t.rejects(download(refused.url.replace(/:\d+/, ':9'), optionsOf(t)), { code: 'weights-missing', message: /ECONNREFUSED|bad port/ })
})

t.test('redirects are followed, but not for ever', async (t) => {
  const { url: target } = await serve(t, good())
  const to = (location: string): Answer => (_, response) => void response.writeHead(302, { location }).end()
  t.equal(await download((await serve(t, to(target))).url, optionsOf(t)), sha256)
  await t.rejects(download((await serve(t, to('/again'))).url, optionsOf(t)), { code: 'weights-missing', message: /redirects without end/ })
  await t.rejects(download((await serve(t, to('ftp://127.0.0.1/x'))).url, optionsOf(t)), { code: 'weights-missing', message: /redirects to ftp:/ })
})

t.test('a proxy of the environment is asked', async (t) => {
  let asked = ''
  const { url } = await serve(t, (request, response) => {
    asked = request.url!
    good()(request, response)
  })
  t.equal(await download('http://weights.example/file.pth', { ...optionsOf(t), proxy: { HTTP_PROXY: new URL(url).origin } }), sha256)
  t.equal(asked, 'http://weights.example/file.pth')
})

t.test('an abort ends it', async (t) => {
  const { url } = await serve(t, partly(1000, 'stall'))
  const abort = new AbortController()
  setTimeout(() => abort.abort(), 50)
  await t.rejects(download(url, { ...optionsOf(t), stallMs: 10_000, signal: abort.signal }), { name: 'AbortError' })
})

t.test('weights pull: from a mirror, with the hash that the publisher states', async (t) => {
  const home = path.join(temporaryFolder(t), 'home')
  const { url, ranges } = await serve(t, good())
  const { status, out, err } = await ventral(['weights', 'pull', 'squeezenet1_1', '--mirror', new URL('/files', url).href, '--home', home, '--json'])
  t.equal(status, 1)
  t.match(err, /files\/squeezenet1_1-b8a52dc0\.pth \(torchvision, licence BSD-3-Clause\)/)
  t.match(JSON.parse(out), { code: 'damaged-file', detail: /publisher states b8a52dc0/ })
  t.equal(ranges.length, 1)
  t.strictSame(fs.readdirSync(path.join(home, 'downloads')), [])
  const family = await ventral(['weights', 'pull', '--family', 'nets', '--home', home])
  t.equal(family.status, 1)
  t.match(family.err, /no published weights of a family "nets"; there are of alexnet, vgg/)
})

t.test('weights list: what can be pulled', async (t) => {
  const { out } = await ventral(['weights', 'list', '--json'])
  const entries = JSON.parse(out) as { backbone: string; top1: number | null; licence: string }[]
  t.match(entries.find(({ backbone }) => backbone === 'resnet18'), { top1: 0.69758, licence: 'BSD-3-Clause' })
  t.match((await ventral(['weights', 'list'])).out, /^cornet_s\tImageNet\t0\.747\tGPL-3\.0\thttps:/m)
})
