/** Settings of a scanner that types: for which keyboard it is programmed, and how a scan ends. */
import { z } from 'zod'
import { scanSettings } from '../common/scan-settings.ts'
import { altPages } from './code-pages.ts'
import { layoutIds } from './layouts.ts'

const functionKeys = ['F1', 'F2', 'F3', 'F4', 'F5', 'F6', 'F7', 'F8', 'F9', 'F10', 'F11', 'F12'] as const

export const hidKeyboardScannerSettings = z
  .strictObject({
    ...scanSettings,
    /** The keyboard that the scanner is programmed for ("country code"). The factory's is mostly `us`. */
    layout: z.enum(layoutIds).default('us'),
    /** Keys that end a scan. `enter`: Enter, that of the keypad, and CR or LF however it is typed. */
    ends: z
      .array(z.enum(['enter', 'tab']))
      .max(2)
      .default(['enter', 'tab']),
    /** A pause of this length ends a scan that no key ended, in ms; 0: only a key does. */
    idleGapMs: z.int().min(0).max(5_000).default(80),
    /** Shortest text that a pause may end, in characters. Shorter ones are a person at the keys and are not told. */
    gapCharsMin: z.int().min(1).max(20).default(3),
    /** Caps Lock as the scanner believes it to be; its key in the reports switches it. */
    capsLock: z.enum(['off', 'on']).default('off'),
    /** `all`: Caps Lock is a shift lock for every key, as on German and French Windows. */
    capsLockKeys: z.enum(['letters', 'all']).default('letters'),
    /** `compose`: a dead key waits for its letter. `literal`: it types its accent at once, for scanners that send no space. */
    deadKeys: z.enum(['compose', 'literal']).default('compose'),
    /** Page of ALT codes without a 0 in front; with one they are Windows-1252. */
    altPage: z.enum(altPages).default('cp437'),
    /** Function keys that the scanner types in place of GS. ALT 029 and Ctrl ] are GS without being named here. */
    gsKeys: z.array(z.enum(functionKeys)).max(functionKeys.length).default([]),
    /** Longest scan, in characters. A longer one is noise: it is dropped and logged. */
    codeCharsMax: z.int().min(8).max(8_192).default(4_096),
  })
  .refine(({ ends, idleGapMs }) => ends.length > 0 || idleGapMs > 0, {
    path: ['idleGapMs'],
    message: 'is 0 although no key is set that would end a scan',
  })
export type HidKeyboardScannerSettings = z.infer<typeof hidKeyboardScannerSettings>

/** 8 for F8. */
export const functionKeyNumbers = (keys: readonly string[]): number[] =>
  keys.map((key) => Number(key.slice(1)))
