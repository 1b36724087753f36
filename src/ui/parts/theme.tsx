/** Light, dark or as the system says; remembered in this browser. */
import { type Signal, signal } from '@preact/signals'
import type { JSX } from 'preact'
import { say } from '../words/say.ts'
import { Button } from './button.tsx'
import type { IconName } from './icon.tsx'

const storageKey = 'tillbridge.theme'
const themes = ['auto', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const icons: Readonly<Record<Theme, IconName>> = { auto: 'auto', light: 'sun', dark: 'moon' }
const themeWord = (theme: Theme): string => say(`common.theme.${theme}`)

/** Reads the remembered theme and puts it on the page. */
export function loadTheme(storage: Storage): Signal<Theme> {
  const kept = themes.find((theme) => theme === storage.getItem(storageKey)) ?? 'auto'
  const theme = signal<Theme>(kept)
  theme.subscribe((value) => {
    if (value === 'auto') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = value
    storage.setItem(storageKey, value)
  })
  return theme
}

export function ThemeToggle({ theme }: { theme: Signal<Theme> }): JSX.Element {
  const next = themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? 'auto'
  return (
    <Button
      look="quiet"
      icon={icons[theme.value]}
      label={say('common.theme.change', { now: themeWord(theme.value), next: themeWord(next) })}
      onPress={() => {
        theme.value = next
      }}
    />
  )
}
