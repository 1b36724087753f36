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

/** What a HID device says of itself, and its reports beside input and output. */
export interface HidFace {
  readonly vendorId: number
  readonly productId: number
  /** Of the first application collection: 0x8c barcode scanner, 0x8d scale, 1 generic desktop (keyboard). */
  readonly usagePage: number
  readonly usage: number
  readonly maker: string
  readonly product: string
  readonly serial: string
  /** The report descriptor as the device sent it; empty when the system does not tell. */
  readonly descriptor: Uint8Array
  /** The report with its id in the first byte (0 for a device without ids), as in `write`. */
  sendFeature(report: Uint8Array): Promise<void>
  /** The report with its id in the first byte. */
  getFeature(reportId: number, bytesMax: number): Promise<Uint8Array>
}

/** The modem lines of an RS-232 port; there is no event for them, so whoever needs them asks. */
export interface ModemFace {
  lines(): Promise<{ cts: boolean; dsr: boolean; dcd: boolean }>
}

/** A port where each request gets one answer (IPP over HTTP). */
export interface ExchangeFace {
  /**
   * Sends a body and answers the body that came back. `bytesWritten` rises as it leaves. Throws HubError `port_closed` when
   * the connection was lost, `answer_timeout` after `msMax`, `answer_invalid` for an answer that is none.
   */
  exchange(body: Uint8Array, options: { msMax: number; signal?: AbortSignal }): Promise<Uint8Array>
}

/**
 * What a kind of port can do beside bytes. Absent where the kind has none. On a HID port every piece that comes in is one
 * input report and every write one output report, with the report id in the first byte where the device has ids (0 before an
 * output report of a device without).
 */
export interface TransportFaces {
  readonly hid?: HidFace
  readonly modem?: ModemFace
  readonly exchange?: ExchangeFace
}

/**
 * An open transport. Once closed it never opens again: whoever wants the port again opens a new one,
 * so nothing written before can leave after.
 */
export interface Transport extends TransportFaces {
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

/** `page`: a browser that shows the customer display. `gpio`: pins of the box. */
export type TransportKind = 'serial' | 'tcp' | 'memory' | 'usb' | 'hid' | 'ipp' | 'gpio' | 'page'

/** A parsed port URL. */
export interface PortAddress {
  kind: TransportKind
  /** The whole URL, normalised. */
  url: string
  /** Path of a tty or hidraw node, host of an address, `VID:PID[/SERIAL]`, `CHIP/LINE`, name of a memory port or page. */
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
