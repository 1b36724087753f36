/** How each system takes a root certificate: which file, which steps; and which of them this browser runs on. */
import type { TrustKey } from './trust-words.ts'

export interface System {
  id: string
  /** As its makers write it. */
  name: string
  file: 'root.crt' | 'root.pem' | 'root.mobileconfig'
  steps: readonly TrustKey[]
  /** Typed into a terminal after the first step; FILE is the downloaded file. */
  command?: string
}

const windows: System = {
  id: 'windows',
  name: 'Windows',
  file: 'root.crt',
  steps: ['trust.windows.1', 'trust.windows.2', 'trust.windows.3', 'trust.windows.4'],
}

export const systems: readonly System[] = [
  windows,
  {
    id: 'android',
    name: 'Android',
    file: 'root.crt',
    steps: ['trust.android.1', 'trust.android.2', 'trust.android.3'],
  },
  {
    id: 'ios',
    name: 'iOS, iPadOS',
    file: 'root.mobileconfig',
    steps: ['trust.ios.1', 'trust.ios.2', 'trust.ios.3'],
  },
  {
    id: 'chromeos',
    name: 'ChromeOS',
    file: 'root.crt',
    steps: ['trust.chromeos.1', 'trust.chromeos.2', 'trust.chromeos.3'],
  },
  {
    id: 'macos',
    name: 'macOS',
    file: 'root.crt',
    steps: ['trust.macos.1', 'trust.macos.2', 'trust.macos.3'],
  },
  {
    id: 'linux',
    name: 'Linux',
    // update-ca-certificates takes PEM in files that end with .crt.
    file: 'root.pem',
    steps: ['trust.linux.1', 'trust.linux.2', 'trust.linux.3'],
    command:
      'sudo install -m 644 FILE /usr/local/share/ca-certificates/tillbridge.crt\nsudo update-ca-certificates',
  },
]

const marks: readonly (readonly [id: string, mark: RegExp])[] = [
  ['chromeos', /CrOS/],
  ['android', /Android/],
  ['ios', /iPhone|iPad|iPod/],
  ['windows', /Windows/],
  ['macos', /Mac OS X|Macintosh/],
  ['linux', /Linux|X11/],
]

/** The system by the words of the user agent; an iPad says that it is a Mac, and has a touch screen where no Mac has. */
export function systemOf(userAgent: string, touchPoints: number): System {
  const found = marks.find(([, mark]) => mark.test(userAgent))?.[0]
  const id = found === 'macos' && touchPoints > 1 ? 'ios' : found
  return systems.find((system) => system.id === id) ?? windows
}
