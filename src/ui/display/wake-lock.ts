/** Keeps the screen awake while the page is in sight, where the browser can do that (secure origins only). */

export function keepAwake(page: Document, browser: Navigator): void {
  if (!('wakeLock' in browser)) return
  const ask = () => {
    if (page.visibilityState !== 'visible') return
    // Refused on low battery: the screen sleeps as the system says.
    browser.wakeLock.request('screen').catch(() => undefined)
  }
  page.addEventListener('visibilitychange', ask)
  ask()
}
