import t from 'tap'
import { VentralError } from '../../src/domain/errors.ts'
import { dashboardFolder, openBrowser, openPage } from '../helper/browser.ts'
import { finishedFit } from '../helper/fits.ts'
import { encoder } from '../helper/service-fixtures.ts'
import { startService } from '../helper/service.ts'

const browser = await openBrowser(t)
const gif = (bytes: number) => ({ name: 'a picture.gif', mimeType: 'image/gif', buffer: Buffer.concat([Buffer.from('R0lGODlhAQABAAAAACwAAAAAAQABAAA=', 'base64'), Buffer.alloc(bytes - 23)]) })

t.test('an image goes in, the rates of all sites come out, with what is known of each site', async (t) => {
  const service = await startService(t, { dashboardFolder })
  await finishedFit(service)
  const { page, troubles } = await openPage(t, browser, `${service.url}/#/predict`)
  await page.getByLabel(/Drop an image here/).setInputFiles(gif(30))
  const table = page.getByRole('table', { name: 'Predicted rates in count' })
  await table.waitFor()
  // The double answers an image's size at the first site, and -1 at the second.
  t.match((await table.innerText()).replace(/\s+/g, ' '), /a V4 30 0\.500 0\.800 b V4 -1 – –$/)
  t.equal(service.images[0][0].length, 30)
  await page.getByLabel('rate', { exact: true }).check()
  t.strictSame(await table.getByRole('rowheader').allInnerTexts(), ['a', 'b'])
  t.match(await page.getByRole('img').getAttribute('alt'), 'a picture.gif')
  await page.getByLabel(/Drop another/).setInputFiles(gif(40))
  await page.getByRole('cell', { name: '40' }).waitFor()
  t.strictSame(troubles, [])
})

t.test('a dropped file is taken; what the server refuses is said in its words', async (t) => {
  const service = await startService(t, { dashboardFolder })
  await finishedFit(service)
  service.services.predictor.predict = async () => {
    throw new VentralError('not-an-image', 'notes.txt is no image.')
  }
  const { page } = await openPage(t, browser, `${service.url}/#/predict/e1`)
  const files = await page.evaluateHandle(() => {
    const transfer = new DataTransfer()
    transfer.items.add(new File(['text'], 'notes.txt', { type: 'text/plain' }))
    return transfer
  })
  await page.locator('.drop').dispatchEvent('drop', { dataTransfer: files })
  await page.getByRole('alert').getByText('notes.txt is no image.').waitFor()
})

t.test('the encoder is chosen from all there are and stands in the address', async (t) => {
  const service = await startService(t, { dashboardFolder })
  service.services.pipeline.listEncoders = async () => ({ items: [encoder, { ...encoder, id: 'e2', layer: 'features.12' }], next: null })
  await finishedFit(service)
  const { page } = await openPage(t, browser, `${service.url}/#/predict`)
  await page.getByLabel('Encoder').selectOption({ index: 1 })
  await page.waitForURL(/#\/predict\/e2$/)
  t.match(await page.getByLabel('Encoder').locator('option:checked').innerText(), /^squeezenet1_1 features\.12, V4 session, /)
  await page.goto(`${service.url}/#/predict/none`)
  await page.getByText('There is no encoder “none”').waitFor()
})
