import fs from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { dashboardFolder, openBrowser, openPage } from '../helper/browser.ts'
import { faultsOf } from '../helper/page-faults.ts'
import { finishedFit } from '../helper/fits.ts'
import { dataset } from '../helper/service-fixtures.ts'
import { startService } from '../helper/service.ts'

const browser = await openBrowser(t)

t.test('the page runs under a policy without inline script or style, and is small', async (t) => {
  const service = await startService(t, { dashboardFolder })
  const response = await fetch(service.url)
  const policy = response.headers.get('content-security-policy')!
  t.match(policy, "script-src 'self'")
  t.match(policy, "style-src 'self'")
  t.notMatch(policy, 'unsafe')
  t.notMatch(await response.text(), /<style|style=|<script(?![^>]* src=)|\son\w+=/)
  const scripts = fs.readdirSync(path.join(dashboardFolder, 'assets')).filter((name) => name.endsWith('.js'))
  const total = scripts.reduce((sum, name) => sum + gzipSync(fs.readFileSync(path.join(dashboardFolder, 'assets', name))).length, 0)
  t.ok(total > 0 && total <= 80 * 1024, `${total} bytes of script, compressed`)
})

const views: [string, string, (page: Awaited<ReturnType<typeof openPage>>['page']) => Promise<unknown>][] = [
  ['fits', '#/fits', (page) => page.getByText('succeeded').waitFor()],
  ['fit', '#/fits/f1', (page) => page.locator('figure canvas').first().waitFor()],
  ['fit, whole groups held out', '#/fits/f1?split=object_name', (page) => page.locator('figure canvas').first().waitFor()],
  ['datasets', '#/datasets/d0', (page) => page.getByText('1 warning').click()],
  ['predict', '#/predict/e1', async (page) => {
    await page.locator('input[type=file]').setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: Buffer.from('png') })
    await page.getByRole('table').waitFor()
  }],
  ['not found', '#/nowhere', (page) => page.getByText('There is no such view').waitFor()],
]

for (const scheme of ['light', 'dark'] as const)
  for (const [name, address, ready] of views)
    t.test(`${name}, ${scheme}: names, headings, tables, contrast; no console errors`, async (t) => {
      const service = await startService(t, { dashboardFolder })
      service.services.pipeline.listDatasets = async () => ({ items: [{ ...dataset, simulated: true, warnings: ['2 sites are constant.'] }], next: null })
      await finishedFit(service)
      const { page, troubles } = await openPage(t, browser, `${service.url}/${address}`, scheme)
      await ready(page)
      t.strictSame(await page.evaluate(faultsOf), [])
      t.match(await page.title(), / · Ventral$/)
      t.strictSame(troubles, [])
    })

t.test('all that can be used is reached by Tab, and shows it', async (t) => {
  const service = await startService(t, { dashboardFolder })
  await finishedFit(service)
  const { page } = await openPage(t, browser, `${service.url}/#/fits/f1`)
  await page.locator('figure canvas').first().waitFor()
  const reached: string[] = []
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press('Tab')
    const [name, outlined] = await page.evaluate(() => {
      const element = document.activeElement!
      if (element === document.body) return ['', true] as const
      const shown = element.matches('.choice input') ? element.nextElementSibling! : element
      const { outlineStyle, outlineWidth } = getComputedStyle(shown)
      return [element.getAttribute('aria-label') ?? ((element.closest('label') ?? element) as HTMLElement).innerText, outlineStyle !== 'none' && outlineWidth !== '0px'] as const
    })
    if (name === '') break
    t.ok(outlined, `${name} shows the focus`)
    reached.push(name)
  }
  for (const name of ['Skip to the content', 'Fits', 'Datasets', 'Predict', 'predict with its encoder', 'images (kfold)', 'Scores per layer, kfold', 'All that is needed to have these scores again', 'Scores of all sites as CSV'])
    t.ok(reached.includes(name), `${name} is reached`)
  await page.getByRole('link', { name: 'Datasets' }).press('Enter')
  await page.getByRole('heading', { name: 'Datasets' }).waitFor()
  t.equal(await page.evaluate(() => document.activeElement?.textContent), 'Datasets', 'the new view begins at its heading')
})

t.test('on a narrow screen nothing but tables scrolls sideways', async (t) => {
  const service = await startService(t, { dashboardFolder })
  await finishedFit(service)
  const { page } = await openPage(t, browser, `${service.url}/#/fits/f1`)
  await page.setViewportSize({ width: 360, height: 700 })
  await page.locator('figure canvas').first().waitFor()
  t.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360)
})
