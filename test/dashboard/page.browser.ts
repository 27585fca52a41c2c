import path from 'node:path'
import type { Page } from 'playwright-core'
import t from 'tap'
import { openBrowser } from '../helper/browser.ts'
import { startService } from '../helper/service.ts'
import type { TestService } from '../helper/service.ts'

const dashboardFolder = path.resolve(import.meta.dirname, '../../dist/dashboard')
const browser = await openBrowser()
t.teardown(() => browser.close())

const open = async (url: string): Promise<{ page: Page; troubles: string[] }> => {
  const page = await browser.newPage()
  const troubles: string[] = []
  page.on('console', (message) => message.type() === 'error' && troubles.push(message.text()))
  page.on('pageerror', (error) => troubles.push(error.message))
  await page.goto(url)
  return { page, troubles }
}
const startFit = async ({ url }: TestService, headers: Record<string, string> = {}): Promise<void> => {
  await fetch(`${url}/fit`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: '{"dataset":"d0","backbone":"squeezenet1_1"}' })
}

t.test('a fit is seen running, and its layers with intervals, ceiling and split once it has succeeded', async (t) => {
  const service = await startService(t, { dashboardFolder })
  const { page, troubles } = await open(service.url)
  await page.getByText('There are no fits yet').waitFor()
  await startFit(service)
  service.fits.set('f1', { ...service.fits.get('f1')!, status: 'running', progress: { stage: 'extract', done: 1, total: 4, etaSeconds: null } })
  await page.getByText('extract 25 %').waitFor()
  service.fits.set('f1', { ...service.fits.get('f1')!, status: 'succeeded', encoder: 'e1' })
  await page.getByRole('link', { name: 'squeezenet1_1' }).click()
  await page.getByText('Mean explained variance per layer, split kfold').waitFor()
  t.match(page.url(), /#\/fits\/f1$/)
  t.match(await page.getByRole('row', { name: 'features.7' }).innerText(), /0\.350\s+0\.300 to 0\.400/)
  t.match(await page.locator('main').innerText(), /Best layer features\.7.*EV 0\.340.*Ceiling: median reliability 0\.800/s)
  t.strictSame(await page.locator('.u-legend .u-label').allInnerTexts(), ['layer, 95 % interval', 'random weights', 'ceiling', 'pixels'])
  const painted = await page.locator('.chart canvas').evaluate((canvas: HTMLCanvasElement) => new Set(new Uint32Array(canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size)
  t.ok(painted > 4, 'the canvas shows something')
  await page.getByLabel('Score').selectOption('correlation')
  await page.getByLabel('Split').selectOption('1')
  await page.getByText('Median correlation r per layer, split leaveonegroupout by object_name').waitFor()
  t.equal(await page.getByText('Simulated data').count(), 0)
  t.strictSame(troubles, [])
  await page.close()
})

t.test('simulated data are labelled in the list and at the result', async (t) => {
  const service = await startService(t, { dashboardFolder })
  const { dataset } = await import('../helper/service-fixtures.ts')
  service.services.pipeline.listDatasets = async () => ({ items: [{ ...dataset, simulated: true }], next: null })
  await startFit(service)
  service.fits.set('f1', { ...service.fits.get('f1')!, status: 'succeeded' })
  const { page, troubles } = await open(`${service.url}/#/fits/f1`)
  await page.getByText('Simulated data: no finding about neurons.').waitFor()
  t.equal(await page.locator('nav .simulated').count(), 1)
  t.strictSame(troubles, [])
  await page.close()
})

t.test('where the server wants a key, the page asks for it', async (t) => {
  const service = await startService(t, { dashboardFolder, apiKey: 'secret' })
  const { page } = await open(service.url)
  await page.getByLabel('This server wants its key').fill('secret')
  await page.getByRole('button').click()
  await page.getByText('There are no fits yet').waitFor()
  t.pass('with the key the fits are listed')
  await page.close()
})
