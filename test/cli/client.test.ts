import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import t from 'tap'
import { createClient } from '../../src/cli/client.ts'
import type { Client } from '../../src/cli/client.ts'
import { temporaryFolder } from '../helper/home.ts'
import { startService } from '../helper/service.ts'

const clientOf = (url: string, apiKey: string | null = null, signal = new AbortController().signal): Client => createClient(url, { apiKey, signal })

t.test('problems become errors with their code, sentence and details', async (t) => {
  const { url } = await startService(t)
  const client = clientOf(`${url}/`)
  await t.rejects(client.json('/datasets/none'), { code: 'not-found', message: 'There is no dataset "none".' })
  await t.rejects(client.json('/fit', { method: 'POST', json: { dataset: 'd', backbone: 'b', x: 1 } }), { code: 'unknown-field', errors: [{ pointer: '/x' }] })
  t.match(await client.json('/datasets/d0'), { id: 'd0' })
  t.match(await client.text('/docs', { accept: 'text/html' }), '<!doctype html>')
})

t.test('the key goes with every request', async (t) => {
  const { url } = await startService(t, { apiKey: 'secret' })
  await t.rejects(clientOf(url).json('/datasets'), { code: 'key-required' })
  t.match(await clientOf(url, 'secret').json('/datasets'), { items: [{ id: 'd0' }] })
})

t.test('files are sent as forms, and a refusal in the middle of one is heard', async (t) => {
  const { url, imports } = await startService(t)
  const folder = temporaryFolder(t)
  fs.writeFileSync(path.join(folder, 'big'), randomBytes(10_000_000))
  const blob = await fs.openAsBlob(path.join(folder, 'big'))
  const formOf = (field: string): FormData => {
    const form = new FormData()
    form.set(field, blob, 'big.zip')
    return form
  }
  t.match(await clientOf(url).json('/datasets', { method: 'POST', body: formOf('stimuli') }), { id: 'd1' })
  t.match(imports[0].files.stimuli, { name: 'big.zip', bytes: 10_000_000 })
  await t.rejects(clientOf(url).json('/datasets', { method: 'POST', body: formOf('pictures') }), { code: 'unknown-field' })
})

t.test('a download appears in whole or not at all', async (t) => {
  const { url } = await startService(t)
  const file = path.join(temporaryFolder(t), 'out.npz')
  await clientOf(url).download('/fits/f1/predictions?layer=a', file)
  t.equal(fs.readFileSync(file, 'utf8'), 'npz of a')
  const cut = http.createServer((_request, response) => {
    response.writeHead(200, { 'content-length': '1000' })
    response.write('half', () => response.destroy())
  })
  await new Promise<void>((resolve) => cut.listen(0, '127.0.0.1', resolve))
  t.teardown(() => cut.close())
  await t.rejects(clientOf(`http://127.0.0.1:${(cut.address() as AddressInfo).port}`).download('/x', `${file}2`))
  t.strictSame(fs.readdirSync(path.dirname(file)), ['out.npz'])
})

t.test('nobody there, and something else there, are told apart', async (t) => {
  await t.rejects(clientOf('http://127.0.0.1:9').json('/datasets'), { code: 'busy', message: /ECONNREFUSED/ })
  const other = http.createServer((_request, response) => response.writeHead(404).end('<html>'))
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  t.teardown(() => other.close())
  await t.rejects(clientOf(`http://127.0.0.1:${(other.address() as AddressInfo).port}`).json('/datasets'), { message: /answered 404.*Is it a Ventral server/ })
})
