import { chromium } from 'playwright-core'
import type { Browser } from 'playwright-core'

/** The browser that .ci/browser found. */
export const openBrowser = (): Promise<Browser> => {
  const executablePath = process.env.VENTRAL_TEST_BROWSER
  if (!executablePath) throw new Error('VENTRAL_TEST_BROWSER must name a Chromium; bash .ci/browser finds one')
  return chromium.launch({ executablePath, args: ['--no-sandbox'] })
}
