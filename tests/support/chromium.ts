/** How the tests start Debian's Chromium: no network of its own, a new profile each time. */
import type { LaunchOptions } from 'playwright-core'

export const chromiumOptions: LaunchOptions = {
  executablePath: '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-quic',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
  ],
}
