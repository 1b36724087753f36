/**
 * The driver contract: what the hub asks of a device language. A driver turns an open transport and a profile
 * into a device with small capabilities. It knows no hub, no store and no other driver.
 */
import type { z } from 'zod'
import type { Capability, DeviceClass, FaultCode, Scan, Weight } from '../protocol/device.ts'
import type {
  DisplayShowPayload,
  DrawerOpenPayload,
  JobOutcome,
  PrintPayload,
  ScaleTarePayload,
} from '../protocol/job.ts'
import type { DemoOrder } from '../protocol/methods.ts'
import type { Transport, TransportFaces, TransportKind } from './transports/transport.ts'

/** Time, handed in. `now` is wall time in ms since 1970; `monotonic` never goes back. */
export interface DriverClock {
  now(): number
  monotonic(): number
  /** Calls back after `ms`; the answer cancels it. */
  after(ms: number, callback: () => void): () => void
}

export interface DriverLog {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

/** A named departure of a model from its language; `reason` says who saw it. */
export interface Quirk {
  name: string
  value?: string | number | boolean | readonly number[]
  reason: string
}

/**
 * What tells a device before it is asked. Every field that is given has to fit. Two profiles may not fit the same device
 * equally well; a test sees to it.
 */
export interface DeviceMatch {
  /** `vid:pid` in lower-case hex, or `vid:*`. */
  usb?: string
  /** The product text of the device, as a regular expression matched without case; narrows `usb`. */
  product?: string
  /** Usage page and usage of a HID collection in lower-case hex, two digits each: `8c:02`; or `8d:*`. */
  hid?: string
  /** Class, subclass and protocol of a USB interface, two hex digits each: `07:01:02`; or `07:01:*`. */
  usbInterface?: string
  /** The command sets that a printer names in its IEEE 1284 id, as a regular expression matched without case. */
  commands?: string
}

/** The data of one model: config/profiles/<driver>/<id>.json. */
export interface Profile {
  /** `<maker>-<model>`, the file's name. */
  id: string
  driver: string
  name: string
  maker: string
  /** How the model names itself in answers or announcements: regular expressions, matched without case. */
  identity?: readonly string[]
  settings: Readonly<Record<string, unknown>>
  /** What tells this model on the bus. */
  match?: readonly DeviceMatch[]
  /** Options of the port that this model has from the factory, over the driver's own: baud, format. */
  port?: Readonly<Record<string, string>>
  quirks: readonly Quirk[]
  /** Where the facts come from. */
  sources: readonly string[]
}

export interface DriverFault {
  code: FaultCode
  blocking: boolean
  /** What is wrong and what to do, for a person. */
  message: string
}

/** What the device says of itself or of the world. */
export interface DeviceListener {
  /** The complete list of present faults, after any change of it. */
  faults(faults: readonly DriverFault[]): void
  /** Facts for the card: maker, model, serial, firmware, … Merged into what was told before. */
  details(details: Readonly<Record<string, string | number | boolean | null>>): void
  scan(scan: Scan): void
  drawer(open: boolean): void
  /** A weight nobody asked for (a scale that streams, or a live view). */
  weight(weight: Weight): void
}

export interface DriverContext<S> {
  transport: Transport
  profile: Profile
  /** Profile settings with the device's own on top, read by the driver's schema. */
  settings: S
  clock: DriverClock
  log: DriverLog
  listener: DeviceListener
  /** The device's id, for error contexts. */
  device: string
  newId(): string
}

/**
 * One attempt at a job. The hub has recorded it as running before the driver sees it; the driver calls `sending`
 * before the first byte leaves, so that a failure before it can be told from one after.
 */
export interface Attempt {
  readonly jobId: string
  /** Called once, before the first byte. After it, a failure that the device did not report itself is `unknown`. */
  sending(): void
  /** Says what the device waits for (`paper_out`), or undefined when it goes on. */
  waiting(forWhat: string | undefined): void
  /** Aborts when the hub stops. The driver ends the attempt as it stands. */
  readonly signal: AbortSignal
}

/**
 * How an attempt ended. `done`: the device did it (`confirmed` true when it said so itself). `failed`: it was not done.
 * `unknown`: bytes left and no answer came. A thrown HubError counts as `failed` before `sending`, `unknown` after.
 */
export type AttemptResult =
  | { state: 'done'; outcome: JobOutcome }
  | { state: 'failed'; error: Error }
  | { state: 'unknown'; error: Error }

/**
 * A print job made ready: bytes and facts that do not depend on the device's state. `prepare` checks everything that can
 * be wrong with a payload, so that a job that was accepted can only fail on the device.
 */
export interface PreparedPrint {
  /** Size of what will be sent, in bytes, all copies together. */
  readonly bytes: number
  /** Characters for which a raster had to stand in, or none. */
  readonly substituted?: readonly string[]
}

export interface Printing {
  /**
   * Checks and encodes a payload. `path` prefixes field paths in errors. Answers at once for text and small images and
   * with a promise when a worker has to dither or draw.
   * Throws HubError `barcode_invalid`, `image_invalid`, `image_too_large`, `base64_invalid`, `payload_unsupported`, …
   */
  prepare(payload: PrintPayload, jobId: string): PreparedPrint | Promise<PreparedPrint>
  print(prepared: PreparedPrint, attempt: Attempt): Promise<AttemptResult>
  /**
   * Asks the device what happened to a job whose outcome is unknown, as far as it can tell. `evidence` is what
   * `evidence` gave before the attempt, possibly on a connection before this one. undefined: it cannot tell.
   */
  inquire?(jobId: string, evidence: string): Promise<'done' | 'failed' | undefined>
  /** A state of the device worth keeping with the job before it is sent (a cut counter), known without asking now. */
  evidence?(prepared: PreparedPrint): string | undefined
}

export interface DrawerKicking {
  /** True when the drawer opens although this fault blocks printing: nobody can give change with an empty roll otherwise. */
  opensDespite?(fault: FaultCode): boolean
  /** May run beside a print that waits for such a fault to be mended. */
  openDrawer(payload: DrawerOpenPayload, attempt: Attempt): Promise<AttemptResult>
}

/** What a price-computing scale wants to know with the question. Scales that compute no price pass it over. */
export interface WeighRequest {
  /** Price for one unit of weight as a decimal string, `"12.99"`. */
  unitPrice?: string
}

export interface Weighing {
  /**
   * A fresh weight: of a measurement that began after the call. Throws HubError `scale_motion`, `scale_over`, `scale_under`,
   * and `answer_timeout` within `readMsMax` (at most 500 ms by default) of a scale that says nothing.
   */
  read(request?: WeighRequest): Promise<Weight>
  zero(attempt: Attempt): Promise<AttemptResult>
  tare(payload: ScaleTarePayload, attempt: Attempt): Promise<AttemptResult>
  /** Sends `listener.weight` at each change while on; for the live view only. */
  watch(on: boolean): void
}

export interface Displaying {
  /** Shows a document in place of what is shown; the parts that the display cannot show are left out. */
  show(document: DisplayShowPayload, attempt: Attempt): Promise<AttemptResult>
  clear(attempt: Attempt): Promise<AttemptResult>
}

/** An open device. It has the capabilities it names; a driver may find out at `start` which. */
export interface OpenDevice {
  readonly capabilities: readonly Capability[]
  readonly printing?: Printing
  readonly drawer?: DrawerKicking
  readonly weighing?: Weighing
  readonly displaying?: Displaying
  /** Greets the device: identity, status, switching on of reports. Throws when it does not answer as its language wants. */
  start(): Promise<void>
  /** Lets go; does not close the transport. Safe twice. */
  stop(): Promise<void>
}

export interface ProbeAnswer {
  maker?: string
  model?: string
  serial?: string
  /** True when the answer can only come from this language. */
  certain: boolean
}

export interface Driver<S = unknown> {
  /** The folder's name, and the name in configuration. */
  readonly id: string
  /** For people: "ESC/POS receipt printers". */
  readonly name: string
  readonly class: DeviceClass
  /** What its printers print on; absent for what is no printer. */
  readonly paper?: 'receipt' | 'label' | 'page'
  readonly transports: readonly TransportKind[]
  /** Options a port gets when its URL does not say: baud, format. */
  readonly portDefaults?: Readonly<Record<string, string>>
  /** What tells devices of this language when no profile knows the model; they get its generic profile. */
  readonly match?: readonly DeviceMatch[]
  /** Every setting with its default: parsing `{}` gives a working set. */
  readonly settings: z.ZodType<S>
  /** What a device of this driver can do, before one is open. */
  readonly capabilities: readonly Capability[]
  /**
   * Line settings to probe with on a serial port, the likeliest first; default: `portDefaults` alone. What answers is
   * suggested with the settings it answered on.
   */
  readonly probeLines?: readonly Readonly<Record<string, string>>[]
  /**
   * Place in the order in which languages are tried on an unknown port, small ones first; default 50. Languages whose
   * question might be taken for something else come late.
   */
  readonly probeRank?: number
  /** A read-only question. Must not print, open, move or charge. Answers undefined when it is not this language. */
  readonly probe?: (
    transport: Transport,
    tools: { clock: DriverClock; answerMsMax: number },
  ) => Promise<ProbeAnswer | undefined>
  /** Stores what it is given; does no work. `start` works. */
  open(context: DriverContext<S>): OpenDevice
}

/** Keeps the settings type inside a driver and hides it from the registry. */
export function defineDriver<S>(driver: Driver<S>): Driver<S> {
  return driver
}

/**
 * A twin: the simulated other half of a device. It parses our bytes, answers like the hardware, and obeys fault orders.
 * Twins serve tests and the demo; a twin and its driver never import each other.
 */
export interface Twin {
  /** What its port can do beside bytes: feature reports, modem lines, exchanges. */
  readonly faces?: TransportFaces
  /** Takes the device's end of a wire. A second call replaces the wire (the device was plugged in again). */
  attach(wire: TwinWire): void
  /** Obeys an order of the demo. Throws HubError `params_invalid` for one it does not know. */
  order(order: DemoOrder): void
  /** What it has on its paper, for printers, or on its screen, for displays. */
  paper?(): { svg: string; revision: number; drawerOpen: boolean }
  /** Called when the picture has changed. */
  onPaper?: ((revision: number) => void) | undefined
  /** The wire as it is now; undefined while unplugged. */
  readonly plugged: boolean
  /** Told when the twin was plugged in or out by an order. */
  onPlug?: ((on: boolean) => void) | undefined
  stop(): void
}

/** The device's end of a wire: a socket, a pty or memory. */
export interface TwinWire {
  write(bytes: Uint8Array): void
  onBytes(listener: (bytes: Uint8Array) => void): void
  /** Pulls the cable. */
  close(): void
}
