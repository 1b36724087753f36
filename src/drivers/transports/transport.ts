/** The transport contract: an open way for bytes to a port. It knows no device and buffers nothing for later. */

export const transportLimits = {
  /** Longest write that a transport takes at once; longer ones are the caller's to split. */
  writeBytesMax: 64 * 1024,
  openMsMax: 5_000,
  writeMsMax: 10_000,
} as const

/** Why a transport is closed. `ours`: we closed it; `lost`: the cable, the peer or the system did. */
export interface CloseReason {
  by: 'ours' | 'lost'
  reason: string
}

/**
 * An open transport. Once closed it never opens again: whoever wants the port again opens a new one,
 * so nothing written before can leave after.
 */
export interface Transport {
  /** The port as a URL, for messages. */
  readonly port: string
  /** Bytes handed to the system since opening. Rises before `write` settles, so a lost write tells whether anything left. */
  readonly bytesWritten: number
  /**
   * Hands bytes on; settles when the system has taken all of them. Writes keep their order; they may overlap.
   * Rejects at once with HubError `port_closed` on a closed transport, `write_timeout` when the other side takes no data
   * for `writeMsMax` (the transport closes then).
   */
  write(bytes: Uint8Array): Promise<void>
  /** Bytes as they come in. One listener; bytes that arrive before there is one are kept up to 64 KiB. */
  onBytes(listener: (bytes: Uint8Array) => void): void
  /** Settles once, when the transport is closed. Never rejects. */
  readonly closed: Promise<CloseReason>
  /** Closes; safe twice. */
  close(): Promise<void>
}

export type TransportKind = 'serial' | 'tcp' | 'memory' | 'usb' | 'hid' | 'ipp'

/** A parsed port URL. */
export interface PortAddress {
  kind: TransportKind
  /** The whole URL, normalised. */
  url: string
  /** Path of a tty, host of an address, name of a memory port. */
  target: string
  /** TCP port. */
  tcpPort?: number
  /** Query parameters: baud, format, … */
  options: Readonly<Record<string, string>>
}

/** Opens the port, or throws HubError `port_unavailable` within `openMsMax`. */
export type OpenTransport = (
  address: PortAddress,
  defaults?: Readonly<Record<string, string>>,
) => Promise<Transport>
