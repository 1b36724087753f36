/** What the address of the page says behind its `#`: `device=ID`, `theme=dark`. */

export interface Wishes {
  /** Empty for somebody who wants to choose. */
  device: string | undefined
  theme: 'light' | 'dark' | undefined
}

export function readWishes(hash: string): Wishes {
  const wishes = new URLSearchParams(hash.replace(/^#/, ''))
  const theme = wishes.get('theme')
  return {
    device: wishes.get('device') ?? undefined,
    theme: theme === 'light' || theme === 'dark' ? theme : undefined,
  }
}
