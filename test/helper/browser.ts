import path from 'node:path'
import { chromium } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'
import type { Test } from 'tap'

/** The page as `npm run build:page` left it. */
export const dashboardFolder = path.resolve(import.meta.dirname, '../../dist/dashboard')

// Nothing that reaches for the network or for a display; a new profile each time is Playwright's own rule.
const quiet = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']

/** The browser that .ci/browser found, until the tests of the file end. */
export const openBrowser = async (t: Test): Promise<Browser> => {
  const executablePath = process.env.VENTRAL_TEST_BROWSER
  if (!executablePath) throw new Error('VENTRAL_TEST_BROWSER must name a Chromium; bash .ci/browser finds one')
  const browser = await chromium.launch({ executablePath, args: quiet })
  t.teardown(() => browser.close())
  return browser
}

export interface OpenPage {
  page: Page
  /** console errors, uncaught errors and refusals of the content security policy so far */
  troubles: string[]
}

export const openPage = async (t: Test, browser: Browser, url: string, scheme: 'light' | 'dark' = 'light'): Promise<OpenPage> => {
  const page = await browser.newPage({ colorScheme: scheme })
  t.teardown(() => page.close())
  page.setDefaultTimeout(15_000)
  const troubles: string[] = []
  page.on('console', (message) => message.type() === 'error' && troubles.push(message.text()))
  page.on('pageerror', (error) => troubles.push(error.message))
  await page.goto(url)
  return { page, troubles }
}
