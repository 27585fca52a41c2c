import t from 'tap'
import { startService } from '../helper/service.ts'

const image = Buffer.from('an image')

const ask = async (url: string, path: string, init: RequestInit = {}): Promise<{ status: number; type: string | null; text: string }> => {
  const response = await fetch(`${url}${path}`, { method: 'POST', body: image, ...init, headers: { 'content-type': 'image/png', ...(init.headers as object) } })
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() }
}

t.test('a look is asked in the query, and answered in the format that is named or accepted', async (t) => {
  const { url, looks } = await startService(t)
  t.strictSame(await ask(url, '/activations?backbone=cornet_s&layers=V4,IT&timeStep=1&weights=random&seed=7&grid=3&channels=5,2,5&format=png'), { status: 200, type: 'image/png', text: 'maps as png' })
  t.match(looks[0], { task: 'maps', request: { backbone: 'cornet_s', weights: 'random', seed: 7, layers: ['V4', 'IT'], timeStep: 1, grid: 3, channels: [5, 2] }, format: 'png', images: [{ name: 'image 1' }] })
  t.ok(image.equals(looks[0].images[0].bytes), 'byte for byte')
  const formats: [string, string][] = [['application/json', 'json'], ['*/*', 'json'], ['image/png', 'png'], ['application/zip', 'npz'], ['text/html, image/*;q=0.5', 'png']]
  for (const [accept, format] of formats) t.equal((await ask(url, '/activations?backbone=b', { headers: { accept } })).text, `maps as ${format}`, accept)
  t.equal((await ask(url, '/activations?backbone=b&format=npz', { headers: { accept: 'image/png' } })).text, 'maps as npz', 'what is named goes first')
  const choices = looks.slice(1).map(({ request }) => (request as { channels: unknown }).channels)
  t.strictSame(choices, [{ top: 16 }, { top: 16 }, { top: 16 }, 'all', { top: 16 }, 'all'])
})

t.test('images keep the names of their files', async (t) => {
  const { url, looks } = await startService(t)
  const form = new FormData()
  form.append('image', new File([image], 'one.png'))
  form.append('image', new File([image], 'two.jpg'))
  await fetch(`${url}/activations?backbone=b`, { method: 'POST', body: form })
  t.strictSame(looks[0].images.map(({ name }) => name), ['one.png', 'two.jpg'])
  await ask(url, '/activations?backbone=b', { body: JSON.stringify({ images: [image.toString('base64')] }), headers: { 'content-type': 'application/json' } })
  t.strictSame(looks[1].images, [{ name: 'image 1', bytes: image }])
})

t.test('a class map is asked by index, by name, or for the likeliest classes', async (t) => {
  const { url, looks } = await startService(t)
  t.strictSame(await ask(url, '/cam?backbone=resnet18&layer=layer3&method=grad-cam&class=281,7&top=3&alpha=0.25&seed=2&weights=random&format=png'), { status: 200, type: 'image/png', text: 'cam as png' })
  t.strictSame(looks[0].request, { backbone: 'resnet18', weights: 'random', seed: 2, method: 'grad-cam', layer: 'layer3', classes: [281, 7], top: 3, alpha: 0.25 })
  for (const query of ['class=tabby, tabby cat', 'class=top', 'layer=IT&timeStep=1']) await ask(url, `/cam?backbone=b&${query}`)
  t.match(looks.slice(1).map(({ request }) => request), [{ classes: ['tabby, tabby cat'], top: 5, alpha: 0.5 }, { classes: 'top' }, { classes: undefined, layer: 'IT', timeStep: 1 }])
})

t.test('what a look cannot be asked is refused, with the name of the field', async (t) => {
  const { url, looks } = await startService(t)
  const cases: [string, number, string, string?][] = [
    ['/activations', 422, 'missing-field', '/backbone'],
    ['/activations?backbone=b&layer=IT', 422, 'unknown-field', '/layer'],
    ['/activations?backbone=b&timeStep=last', 422, 'invalid-value', '/timeStep'],
    ['/activations?backbone=b&channels=strong', 422, 'invalid-value', '/channels'],
    ['/activations?backbone=b&channels=all&top=3', 422, 'invalid-value', '/top'],
    ['/activations?backbone=b&top=0', 422, 'invalid-value', '/top'],
    ['/activations?backbone=b&grid=0', 422, 'invalid-value', '/grid'],
    ['/activations?backbone=b&format=gif', 422, 'invalid-value', '/format'],
    ['/cam', 422, 'missing-field', '/backbone'],
    ['/cam?backbone=b&layers=IT', 422, 'unknown-field', '/layers'],
    ['/cam?backbone=b&method=lime', 422, 'invalid-value', '/method'],
    ['/cam?backbone=b&alpha=2', 422, 'invalid-value', '/alpha'],
    ['/cam?backbone=b&class=', 422, 'invalid-value', '/class'],
    ['/cam?backbone=b&timeStep=all', 422, 'invalid-value', '/timeStep'],
  ]
  for (const [path, status, code, pointer] of cases) {
    const { text, ...answer } = await ask(url, path)
    t.match({ ...answer, ...(JSON.parse(text) as object) }, { status, code, ...(pointer === undefined ? {} : { errors: [{ pointer }] }) }, path)
  }
  t.match(await ask(url, '/activations?backbone=b', { body: '' }), { status: 422, text: /"missing-field"/ })
  t.match(await ask(url, '/activations?backbone=b', { headers: { 'content-type': 'text/plain' } }), { status: 415 })
  t.equal(looks.length, 0)
})
