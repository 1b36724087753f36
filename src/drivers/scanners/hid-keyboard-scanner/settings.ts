/** Settings of a scanner that types: for which keyboard it is programmed, and how a scan ends. */
import { z } from 'zod'
import { scanSettings } from '../common/scan-settings.ts'
import { altPages } from './code-pages.ts'
import { layoutIds } from './layouts.ts'

const functionKeys = ['F1', 'F2', 'F3', 'F4', 'F5', 'F6', 'F7', 'F8', 'F9', 'F10', 'F11', 'F12'] as const

export const hidKeyboardScannerSettings = z
  .strictObject({
    ...scanSettings,
    layout: z
      .enum(layoutIds)
      .default('us')
      .describe(
        `The keyboard that the scanner is programmed for ("country code"). The factory's is mostly \`us\`.`,
      ),
    ends: z
      .array(z.enum(['enter', 'tab']))
      .max(2)
      .default(['enter', 'tab'])
      .describe(
        'Keys that end a scan. `enter`: Enter, that of the keypad, and CR or LF however it is typed.',
      ),
    idleGapMs: z
      .int()
      .min(0)
      .max(5_000)
      .default(80)
      .describe('A pause of this length ends a scan that no key ended, in ms; 0: only a key does.'),
    gapCharsMin: z
      .int()
      .min(1)
      .max(20)
      .default(3)
      .describe(
        'Shortest text that a pause may end, in characters. Shorter ones are a person at the keys and are not told.',
      ),
    capsLock: z
      .enum(['off', 'on'])
      .default('off')
      .describe('Caps Lock as the scanner believes it to be; its key in the reports switches it.'),
    capsLockKeys: z
      .enum(['letters', 'all'])
      .default('letters')
      .describe('`all`: Caps Lock is a shift lock for every key, as on German and French Windows.'),
    deadKeys: z
      .enum(['compose', 'literal'])
      .default('compose')
      .describe(
        '`compose`: a dead key waits for its letter. `literal`: it types its accent at once, for scanners that send no space.',
      ),
    altPage: z
      .enum(altPages)
      .default('cp437')
      .describe('Page of ALT codes without a 0 in front; with one they are Windows-1252.'),
    gsKeys: z
      .array(z.enum(functionKeys))
      .max(functionKeys.length)
      .default([])
      .describe(
        'Function keys that the scanner types in place of GS. ALT 029 and Ctrl ] are GS without being named here.',
      ),
    codeCharsMax: z
      .int()
      .min(8)
      .max(8_192)
      .default(4_096)
      .describe('Longest scan, in characters. A longer one is noise: it is dropped and logged.'),
  })
  .refine(({ ends, idleGapMs }) => ends.length > 0 || idleGapMs > 0, {
    path: ['idleGapMs'],
    message: 'is 0 although no key is set that would end a scan',
  })
export type HidKeyboardScannerSettings = z.infer<typeof hidKeyboardScannerSettings>

/** 8 for F8. */
export const functionKeyNumbers = (keys: readonly string[]): number[] =>
  keys.map((key) => Number(key.slice(1)))
