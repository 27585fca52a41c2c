import fs from 'node:fs/promises'
import type { Locator } from 'playwright-core'
import t from 'tap'
import type { FitScores } from '../../src/domain/fit-scores.ts'
import { dashboardFolder, openBrowser, openPage } from '../helper/browser.ts'
import { changeFit, finishedFit, startFit } from '../helper/fits.ts'
import { startService } from '../helper/service.ts'

const browser = await openBrowser(t)
const line = async (locator: Locator): Promise<string> => (await locator.innerText()).replace(/\s+/g, ' ')
const digits = (value: number | null): string => value!.toFixed(3)
const span = ([low, high]: [number, number]): string => `${digits(low)} to ${digits(high)}`

t.test('headline, table and chart show the numbers that the API answers', async (t) => {
  const service = await startService(t, { dashboardFolder })
  const id = await finishedFit(service)
  const scores = (await (await fetch(`${service.url}/fits/${id}/scores`)).json()) as FitScores
  const { page, troubles } = await openPage(t, browser, `${service.url}/#/fits/${id}`)

  const headline = page.getByRole('region', { name: /chosen on inner folds/ })
  await headline.waitFor()
  const { nested, plainMax, layer } = scores.bestLayer!
  const said = await line(headline)
  for (const part of [
    `Layer ${layer} chosen in 10 of 10 outer folds`,
    `Explained variance, mean over sites ${digits(nested.explainedVariance.mean)} 95 % interval ${span(nested.explainedVariance.interval!)}`,
    `Correlation r, median over sites ${digits(nested.correlation.median)} 95 % interval ${span(nested.correlation.interval!)}`,
    `Plain maximum over layers ${digits(plainMax.score)} r of ${plainMax.layer}`,
    `Ceiling, median over sites ${digits(scores.ceiling!.median)}`,
    `Split: ${scores.split}`,
  ])
    t.ok(said.includes(part), part)

  const table = page.getByRole('table', { name: 'Scores per layer, kfold' })
  for (const { layer, explainedVariance: ev, correlation: r } of scores.layers)
    t.ok((await line(table.getByRole('row', { name: layer }))).includes(`${digits(ev.mean)} ${span(ev.interval!)} ${digits(r.median)} ${span(r.interval!)}`), layer)
  t.match(await line(table.getByRole('row', { name: 'features.7' })), /nested choice, plain maximum/)
  t.match(await line(table.getByRole('row', { name: 'pixels' })), /0\.050/)

  const figure = page.locator('figure').first()
  t.match(await line(figure.locator('.key')), /random weights, mean and range of 1 seed pixels 0\.050 .* ceiling, median ρ 0\.800/)
  t.match(await line(page.locator('figure').nth(1).locator('.key')), /ceiling, median √ρ 0\.894/)
  const box = (await figure.locator('.u-over').boundingBox())!
  await page.mouse.move(box.x + box.width * 0.75, box.y + 20) // the second of two layers
  t.equal(await figure.locator('.readout').textContent(), 'features.7: 0.350 (0.300 to 0.400)')
  t.equal(await table.locator('tr.pointed th').textContent(), 'features.7nested choice, plain maximum', 'the row is marked with the point')
  await page.mouse.move(box.x + box.width * 0.25, box.y + 20)
  t.equal(await figure.locator('.readout').textContent(), 'features.2: 0.200 (0.150 to 0.250); random weights 0.100 (0.100 to 0.100)')
  t.strictSame(troubles, [])
})

/** Heights in the chart (of 1, from its top) at which a colour is found in the column at `share` of the width. */
const heightsOf = (canvas: Locator, share: number, colour: string): Promise<number[]> =>
  canvas.evaluate(
    (node, { share, colour }) => {
      const it = node as HTMLCanvasElement
      const over = it.parentElement!.querySelector('.u-over')!.getBoundingClientRect()
      const own = it.getBoundingClientRect()
      const probe = document.createElement('span')
      probe.style.color = `var(${colour})`
      document.body.append(probe)
      const wanted = getComputedStyle(probe).color.match(/\d+/g)!.map(Number)
      probe.remove()
      const x = Math.round((over.left - own.left + over.width * share) * devicePixelRatio)
      const { data } = it.getContext('2d')!.getImageData(x, 0, 1, it.height)
      const heights: number[] = []
      for (let y = 0; y < it.height; y++) if (wanted.every((part, k) => Math.abs(data[4 * y + k] - part) < 12)) heights.push((y / devicePixelRatio - (over.top - own.top)) / over.height)
      return heights
    },
    { share, colour },
  )

for (const scheme of ['light', 'dark'] as const)
  t.test(`the chart is painted to scale, ${scheme}`, async (t) => {
    const service = await startService(t, { dashboardFolder })
    const id = await finishedFit(service)
    const { page } = await openPage(t, browser, `${service.url}/#/fits/${id}?split=object_name`, scheme)
    const canvas = page.locator('figure canvas').first()
    await canvas.waitFor()
    t.equal((await heightsOf(canvas, 0.5, '--series')).length, 0, 'a layer without a score has no mark')
    await page.getByLabel('images (kfold)').check()
    await page.getByText('random weights, mean').first().waitFor()
    // The axis runs from 0 to the ceiling of .8 and 6 % more; the second layer's whisker spans its interval, left of its place.
    const top = 0.8 * 1.06
    const whisker = await heightsOf(canvas, (1.5 - 0.09) / 2, '--series')
    t.ok(Math.abs(whisker[0] - (1 - 0.4 / top)) < 0.01, `upper end at ${whisker[0]}`)
    t.ok(Math.abs(whisker.at(-1)! - (1 - 0.3 / top)) < 0.01, `lower end at ${whisker.at(-1)}`)
    const ceiling = await heightsOf(canvas, 0.004, '--ceiling')
    t.ok(ceiling.length > 0 && Math.abs(ceiling[0] - (1 - 0.8 / top)) < 0.01, 'ceiling')
  })

t.test('the split is chosen by keyboard, stands in the address, and leaves out what was not run with it', async (t) => {
  const service = await startService(t, { dashboardFolder })
  const id = await finishedFit(service)
  const { page, troubles } = await openPage(t, browser, `${service.url}/#/fits/${id}`)
  await page.getByLabel('images (kfold)').focus()
  await page.keyboard.press('ArrowRight')
  await page.getByRole('table', { name: 'Scores per layer, leaveonegroupout by object_name' }).waitFor()
  t.match(page.url(), /#\/fits\/f1\?split=object_name$/)
  t.equal(await page.getByText('random weights, mean').count(), 0)
  t.equal(await page.getByText('The controls were run with the fit’s own split').count(), 1)
  t.match(await line(page.getByRole('table', { name: /Scores per layer/ }).getByRole('row', { name: 'features.2' })), /^features\.2 – –/)
  await page.reload()
  t.equal(await page.getByLabel('whole object_name groups').isChecked(), true)
  t.strictSame(troubles, [])
})

t.test('leakage, warnings, provenance and a download stand below', async (t) => {
  const service = await startService(t, { dashboardFolder })
  const id = await finishedFit(service)
  const { page } = await openPage(t, browser, `${service.url}/#/fits/${id}`)
  t.match(await line(page.getByRole('row', { name: 'alphas' })), 'alphas inner folds of the training rows none')
  await page.getByText('All that is needed').click()
  t.match(await line(page.locator('.facts')), 'seed 0')
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: /CSV/ }).click()])
  const csv = await fs.readFile(await download.path(), 'utf8')
  t.equal(csv, await (await fetch(`${service.url}/fits/${id}/scores`, { headers: { accept: 'text/csv' } })).text())
})

t.test('fits that failed, that are under way, and that there are not', async (t) => {
  const service = await startService(t, { dashboardFolder })
  const id = await startFit(service)
  const { page } = await openPage(t, browser, `${service.url}/#/fits/${id}`)
  await page.getByText('The scores appear here when the fit has ended.').waitFor()
  changeFit(service, id, { status: 'failed', error: { code: 'disk-full', detail: 'The disk is full. Free 2 GB.', errors: [{ pointer: '/home', expected: '2 GB', found: '1 GB' }] } })
  service.emit(id, 'end', { status: 'failed' })
  await page.getByText('The disk is full. Free 2 GB.').waitFor()
  t.match(await line(page.locator('.trouble')), '/home: expected 2 GB, found 1 GB')
  await page.goto(`${service.url}/#/fits/none`)
  await page.getByText('There is no fit “none”.').waitFor()
  await page.goto(`${service.url}/#/elsewhere`)
  await page.getByText('There is no such view.').waitFor()
})
