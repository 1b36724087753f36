/** What tidy lets pass, each with its reason. The lists may only shrink: an entry that is not needed any more is a problem. */

/** Files of src with more lines than `fileLinesMax`, and how many they may have. */
export const fileLinesMax = 500
export const longFiles: Readonly<Record<string, number>> = {}

export interface BannedCall {
  name: string
  call: RegExp
  /** Files of src in which it is looked for. */
  where: RegExp
  instead: string
}

export const bannedCalls: readonly BannedCall[] = [
  {
    name: 'Date.now',
    call: /\bDate\.now\s*\(/g,
    where: /^src\//,
    instead: 'take the time from the clock handed in',
  },
  {
    name: 'new Date()',
    call: /\bnew Date\s*\(\s*\)/g,
    where: /^src\//,
    instead: 'take the time from the clock handed in',
  },
  {
    name: 'performance.now',
    call: /\bperformance\.now\s*\(/g,
    where: /^src\//,
    instead: 'take the time from the clock handed in',
  },
  { name: 'setTimeout', call: /\bsetTimeout\s*\(/g, where: /^src\//, instead: 'use clock.after' },
  { name: 'setInterval', call: /\bsetInterval\s*\(/g, where: /^src\//, instead: 'use clock.after' },
  {
    name: 'Math.random',
    call: /\bMath\.random\s*\(/g,
    where: /^src\//,
    instead: 'use newId, or node:crypto',
  },
  {
    name: 'new Error',
    call: /\bnew (?:Type|Range|Syntax|Eval|URI|Reference)?Error\s*\(/g,
    where: /^src\//,
    instead: 'use HubError with a code',
  },
  {
    name: 'console',
    call: /\bconsole\.(?:log|info|warn|error|debug)\s*\(/g,
    where: /^src\/(?!cli)/,
    instead: 'use the log handed in',
  },
]

/** `FILE: NAME`, with the reason. */
export const allowedCalls: Readonly<Record<string, string>> = {
  'src/hub/clock.ts: Date.now': 'the clock itself',
  'src/hub/clock.ts: performance.now': 'the clock itself',
  'src/hub/clock.ts: setTimeout': 'the clock itself',
  'src/protocol/client-core.ts: Date.now':
    'the client also runs where there is no hub: this is its default clock',
  'src/protocol/client-core.ts: setTimeout': 'the same',
  'src/hub/doors/web/care-routes.ts: setTimeout': 'a method of a socket: how long it may be still',
  'src/store/handle.ts: setTimeout': 'the default of an injected clock; the store may not know the hub’s',
  'src/store/worker.ts: setTimeout': 'a thread of its own, which no clock is handed to',
  'src/ui/parts/time.ts: Date.now': 'the clock of the pages',
  'src/ui/parts/time.ts: setTimeout': 'the same',
  'src/ui/parts/time.ts: setInterval': 'the same',
}
