import { createHash, randomBytes } from 'node:crypto'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { startService } from '../helper/service.ts'

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const formOf = (entries: Record<string, string | File>): FormData => {
  const form = new FormData()
  for (const [name, value] of Object.entries(entries)) form.append(name, value)
  return form
}
const post = (url: string, body: FormData, headers: Record<string, string> = {}): Promise<Response> => fetch(`${url}/datasets`, { method: 'POST', body, headers })
const leftovers = (home: string): string[] => fs.readdirSync(path.join(home, 'tmp'))

t.test('an upload reaches the import as files on disk, byte for byte, and leaves nothing behind', async (t) => {
  const { url, imports, home } = await startService(t)
  const zip = randomBytes(3_000_001)
  const answer = await post(url, formOf({ name: 'V4', stimuli: new File([zip], '../ä b/imagés.zip'), responses: new File(['npy'], 'r.npy'), axes: 'site,stimulus' }))
  t.equal(answer.status, 201)
  t.equal(answer.headers.get('location'), '/datasets/d1')
  t.match(await answer.json(), { id: 'd1', name: 'V4', ceiling: { median: null } })
  t.strictSame(imports[0].fields, { name: 'V4', axes: 'site,stimulus' })
  t.strictSame(imports[0].files.stimuli, { name: 'imagés.zip', bytes: zip.length, sha256: sha256(zip) })
  t.match(imports[0].files.responses, { name: 'r.npy', bytes: 3 })
  t.strictSame(leftovers(home), [])
})

t.test('parts that are not known, twice there or of the wrong kind are refused by name', async (t) => {
  const { url, imports, home } = await startService(t)
  const twice = formOf({ name: 'a' })
  twice.append('name', 'b')
  const big = new File([randomBytes(20_000_000)], 'x')
  const cases: [FormData, number, string, RegExp][] = [
    [formOf({ images: new File(['x'], 'x.zip') }), 422, 'unknown-field', /"images"/],
    // More than the socket's buffers hold, so that the answer comes while the client is still sending.
    [formOf({ images: big, stimuli: big }), 422, 'unknown-field', /"images"/],
    [twice, 422, 'invalid-value', /"name" twice/],
    [formOf({ responses: 'text' }), 422, 'invalid-value', /"responses" must be a file/],
    [formOf({ name: 'x'.repeat(200_000) }), 413, 'body-too-large', /"name"/],
  ]
  for (const [form, status, code, text] of cases) {
    const answer = await post(url, form)
    t.equal(answer.status, status)
    t.match(await answer.json(), { code, detail: text })
  }
  t.equal(imports.length, 0)
  t.strictSame(leftovers(home), [])
  t.equal((await fetch(`${url}/livez`)).status, 200)
})

t.test('a client that goes away in the middle leaves nothing behind', async (t) => {
  const { url, imports, weights, home } = await startService(t)
  const { port } = new URL(url)
  const uploading = (): boolean => fs.existsSync(path.join(home, 'tmp')) && leftovers(home).length > 0
  const heads = [
    `POST /datasets HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: multipart/form-data; boundary=b\r\ncontent-length: 1000000\r\n\r\n--b\r\ncontent-disposition: form-data; name="stimuli"; filename="s.zip"\r\n\r\n`,
    `PUT /backbones/squeezenet1_1/weights HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-length: 1000000\r\n\r\n`,
  ]
  for (const head of heads) {
    const socket = net.connect(Number(port), '127.0.0.1')
    socket.write(`${head}${'x'.repeat(100_000)}`)
    for (let i = 0; i < 500 && !uploading(); i++) await delay(10)
    t.ok(uploading(), 'the upload was under way')
    socket.destroy()
    for (let i = 0; i < 500 && leftovers(home).length > 0; i++) await delay(10)
    t.strictSame(leftovers(home), [])
  }
  t.strictSame([imports.length, weights.length], [0, 0])
})

t.test('a disk that fills up while the upload is written is said so', { skip: fs.existsSync('/dev/full') ? false : 'needs /dev/full' }, async (t) => {
  const { createWriteStream } = fs
  t.teardown(() => {
    fs.createWriteStream = createWriteStream
    syncBuiltinESMExports()
  })
  fs.createWriteStream = () => createWriteStream('/dev/full')
  syncBuiltinESMExports()
  const { url, home, imports } = await startService(t)
  const answer = await post(url, formOf({ stimuli: new File([randomBytes(20_000_000)], 's.zip') }))
  t.equal(answer.status, 507)
  t.match(await answer.json(), { code: 'disk-full', detail: /full/ })
  const weights = await fetch(`${url}/backbones/squeezenet1_1/weights`, { method: 'PUT', body: randomBytes(20_000_000) })
  t.match(await weights.json(), { code: 'disk-full' })
  t.strictSame([imports.length, leftovers(home)], [0, []])
  t.equal((await fetch(`${url}/livez`)).status, 200, 'the service stays up')
})

t.test('one Idempotency-Key makes one dataset, however the body was cut', async (t) => {
  const { url, imports } = await startService(t)
  const file = new File([randomBytes(1000)], 'r.npy')
  const headers = { 'idempotency-key': 'once' }
  const first = await post(url, formOf({ name: 'a', responses: file }), headers)
  const again = await post(url, formOf({ responses: file, name: 'a' }), headers)
  t.strictSame([again.status, await again.json(), again.headers.get('location')], [201, await first.json(), first.headers.get('location')])
  const other = await post(url, formOf({ name: 'a', responses: new File(['other'], 'r.npy') }), headers)
  t.equal(other.status, 422)
  t.match(await other.json(), { code: 'idempotency-key-reused' })
  t.equal(imports.length, 1)
  t.equal((await post(url, formOf({ name: 'a', responses: file }))).headers.get('location'), '/datasets/d2', 'without the key it is a new one')
})

t.test('datasets are read, paged and deleted', async (t) => {
  const { url } = await startService(t)
  t.match(await (await fetch(`${url}/datasets?limit=1`)).json(), { items: [{ id: 'd0' }], next: null })
  t.match(await (await fetch(`${url}/datasets/d0`)).json(), { id: 'd0', objects: null })
  t.equal((await fetch(`${url}/datasets/d0`, { method: 'DELETE' })).status, 409)
  const gone = await fetch(`${url}/datasets/x`, { method: 'DELETE' })
  t.strictSame([gone.status, await gone.text()], [204, ''])
  const first = (await (await fetch(`${url}/datasets/d0/sites?limit=2`)).json()) as { items: { id: string }[]; next: string }
  t.strictSame(first.items.map(({ id }) => id), ['a', 'b'])
  t.match(await (await fetch(`${url}/datasets/d0/sites?limit=2&cursor=${first.next}`)).json(), { items: [{ id: 'c' }], next: null })
  t.match(await (await fetch(`${url}/datasets/d0/sites?cursor=x`)).json(), { code: 'invalid-value' })
})

t.test('a stimulus is found by its id, whatever signs that has', async (t) => {
  const { url } = await startService(t)
  const image = await fetch(`${url}/datasets/d0/stimuli/${encodeURIComponent('a/1 ä.png')}`)
  t.strictSame([image.status, image.headers.get('content-type'), await image.text()], [200, 'image/png', 'PNG'])
  t.equal((await fetch(`${url}/datasets/d0/stimuli/none`)).status, 404)
})
