/** A way to have a certificate: of the hub's own root, from files, from a public authority. */
import type { Clock } from '../clock.ts'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import type { HubNetwork } from '../network.ts'
import type { KeyPair } from './certificate.ts'

export interface CertificateSource {
  /** Settles when there is a certificate, or when it is known that there is none. Never rejects: `problem` tells. */
  start(): Promise<void>
  /** Nothing is written and nothing told afterwards. */
  stop(): Promise<void> | void
  /** Makes or gets it anew now. Rejects with `certificate_failed`; what was shown before stays. */
  renew(): Promise<void>
  readonly pair: KeyPair | undefined
  /** When it is made anew by itself, in ms of the epoch; null when that is somebody else's work. */
  readonly renewsAt: number | null
  /** What is wrong, for a person. */
  readonly problem: string | null
}

/** The problem of a certificate that is shown although it is not on the disk. */
export const unsavedText = (reason: string): string =>
  `The certificate is in memory only, it could not be kept: ${reason}.`

export interface SourceTools {
  config: Pick<Config, 'hub' | 'https' | 'tls' | 'network'>
  /** Folder of keys and certificates. */
  dir: string
  network: HubNetwork
  clock: Clock
  log: Log
  /** Pair, problem or time of renewal are not what they were. */
  changed: () => void
}
