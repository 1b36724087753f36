/** How this browser is set: kept in it, and on the page at once. */
import { type Signal, signal } from '@preact/signals'
import type { Settings } from './contract.ts'

const prefix = 'tillbridge.till.'

/** Keeps a signal under a key; what cannot be read any more is the usual. */
function kept<T>(storage: Storage, key: string, usual: T, read: (text: string) => T | undefined): Signal<T> {
  const text = storage.getItem(prefix + key)
  const value = signal<T>((text === null ? undefined : read(text)) ?? usual)
  value.subscribe((now) => {
    if (now === usual) storage.removeItem(prefix + key)
    else storage.setItem(prefix + key, typeof now === 'string' ? now : JSON.stringify(now))
  })
  return value
}

const oneOf =
  <V extends string>(...values: readonly V[]) =>
  (text: string): V | undefined =>
    values.find((value) => value === text)

function parsed<T>(fits: (value: unknown) => value is T): (text: string) => T | undefined {
  return (text) => {
    try {
      const value: unknown = JSON.parse(text)
      return fits(value) ? value : undefined
    } catch {
      return undefined
    }
  }
}

const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean'
const isMinutes = (value: unknown): value is number => Number.isInteger(value) && Number(value) >= 0
const isNames = (value: unknown): value is readonly string[] | null =>
  Array.isArray(value) && value.every((each) => typeof each === 'string')

/** `root` wears the hand and the colours, so that styles can ask for them. */
export function openSettings(storage: Storage, root: HTMLElement): Settings {
  const settings: Settings = {
    hand: kept(storage, 'hand', 'right', oneOf('right', 'left')),
    theme: kept(storage, 'theme', 'auto', oneOf('auto', 'light', 'dark')),
    sounds: kept(storage, 'sounds', true, parsed(isBoolean)),
    scanners: kept<readonly string[] | null>(storage, 'scanners', null, parsed(isNames)),
    lockMinutes: kept(storage, 'lock', 5, parsed(isMinutes)),
    register: kept<string | null>(storage, 'register', null, (text) => text),
    startOnFloor: kept(storage, 'floor', false, parsed(isBoolean)),
  }
  settings.hand.subscribe((hand) => {
    root.dataset.hand = hand
  })
  settings.theme.subscribe((theme) => {
    if (theme === 'auto') delete root.dataset.theme
    else root.dataset.theme = theme
  })
  return settings
}
