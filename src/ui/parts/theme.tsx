/** Light, dark or as the system says; remembered in this browser. */
import { type Signal, signal } from '@preact/signals'
import type { JSX } from 'preact'
import { Button } from './button.tsx'
import type { IconName } from './icon.tsx'

const storageKey = 'tillbridge.theme'
const themes = ['auto', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const looks: Readonly<Record<Theme, { icon: IconName; word: string }>> = {
  auto: { icon: 'auto', word: 'as the system' },
  light: { icon: 'sun', word: 'light' },
  dark: { icon: 'moon', word: 'dark' },
}

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
  const { icon, word } = looks[theme.value]
  const next = themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? 'auto'
  return (
    <Button
      look="quiet"
      icon={icon}
      label={`Colours: ${word}. Change to ${looks[next].word}`}
      onPress={() => {
        theme.value = next
      }}
    />
  )
}
