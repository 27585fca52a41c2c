import t from 'tap'
import { dashboardFolder, openBrowser, openPage } from '../helper/browser.ts'
import { changeFit, finishedFit, startFit } from '../helper/fits.ts'
import { dataset } from '../helper/service-fixtures.ts'
import { startService } from '../helper/service.ts'

const browser = await openBrowser(t)

t.test('a fit is seen from its start to its end by its events, without loading the page anew', async (t) => {
  const service = await startService(t, { dashboardFolder })
  const { page, troubles } = await openPage(t, browser, service.url)
  await page.getByText('There are no fits yet').waitFor()
  const id = await startFit(service)
  const row = page.getByRole('row', { name: /squeezenet1_1/ })
  await row.getByText('queued').waitFor()
  t.match(await row.innerText(), /random, seed 3\s+V4 session/)

  // From here on the list is not asked again: what the page shows comes by the stream.
  for (let i = 0; service.watchers() === 0 && i < 250; i++) await new Promise((resolve) => setTimeout(resolve, 20))
  t.equal(service.watchers(), 1)
  await page.route(/\/fits\?/, (route) => route.abort())
  service.emit(id, 'progress', { stage: 'activations', done: 160, total: 640, etaSeconds: 75 })
  await row.getByText('activations').waitFor()
  t.match((await row.innerText()).replace(/\s+/g, ' '), /running activations 25 % of this stage, 1 min left/)
  t.equal(await row.getByRole('progressbar').getAttribute('value'), '160')

  await page.unroute(/\/fits\?/)
  changeFit(service, id, { status: 'succeeded', encoder: 'e1' })
  service.emit(id, 'end', { status: 'succeeded' })
  await row.getByText('succeeded').waitFor()
  t.strictSame(troubles.filter((text) => !text.includes('ERR_FAILED')), [])
})

t.test('where no events come through, the page asks', async (t) => {
  const service = await startService(t, { dashboardFolder })
  const id = await startFit(service)
  const { page } = await openPage(t, browser, 'about:blank')
  await page.route(/\/events$/, (route) => route.abort())
  await page.goto(service.url)
  await page.getByText('queued').waitFor()
  changeFit(service, id, { status: 'running', progress: { stage: 'mappings', done: 1, total: 4, etaSeconds: null } })
  await page.getByText('25 % of this stage').waitFor()
  t.equal(service.watchers(), 0)
})

t.test('a server that is gone for a while is said to be, and the page goes on when it is back', async (t) => {
  const service = await startService(t, { dashboardFolder })
  await finishedFit(service)
  const { page } = await openPage(t, browser, service.url)
  await page.getByText('succeeded').waitFor()
  await page.route(/\/fits\?/, (route) => route.abort())
  await page.getByRole('alert').getByText('The server does not answer').waitFor()
  t.equal(await page.getByText('succeeded').count(), 1, 'what was known stays in sight')
  await page.unroute(/\/fits\?/)
  await page.getByRole('alert').waitFor({ state: 'detached' })
})

t.test('simulated data are labelled in the lists, at the fit and at the prediction', async (t) => {
  const service = await startService(t, { dashboardFolder })
  service.services.pipeline.listDatasets = async () => ({ items: [{ ...dataset, simulated: true }], next: null })
  const id = await finishedFit(service)
  const { page } = await openPage(t, browser, service.url)
  for (const [address, text] of [['#/fits', null], ['#/datasets', null], [`#/fits/${id}`, 'Simulated data: no score here is a finding'], ['#/predict/e1', 'fitted to simulated data']] as const) {
    await page.goto(`${service.url}/${address}`)
    await page.locator('main .tag.simulated').waitFor()
    if (text) await page.getByText(text).waitFor()
  }
  t.equal(await page.locator('option').innerText().then((name) => name.includes('(simulated)')), true)
})

t.test('where the server wants a key, the page asks for it', async (t) => {
  const service = await startService(t, { dashboardFolder, apiKey: 'secret' })
  const { page } = await openPage(t, browser, service.url)
  await page.getByLabel('This server wants its key').fill('secret')
  await page.keyboard.press('Enter')
  await page.getByText('There are no fits yet').waitFor()
  await page.reload()
  await page.getByText('There are no fits yet').waitFor()
  t.equal(await page.getByLabel('This server wants its key').count(), 0, 'the tab keeps it')
})
