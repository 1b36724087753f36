/** What kind of printer a twin is, and the faults that a test can order. */
import type { DriverClock } from '../../../driver.ts'
import type { DrawSymbol } from './symbols.ts'

export interface EscposTwinOptions {
  clock: DriverClock
  maker: string
  model: string
  serial: string
  firmware: string
  /** Characters of font A in a line, and the printable width in dots. */
  columns: number
  widthDots: number
  kanji: 'none' | 'shift-jis'
  /** ESC t numbers; Epson's when left out. */
  codePages?: Readonly<Record<number, string>>
  /** What this model answers. One that does not know a command takes it and says nothing. */
  identity: boolean
  processId: boolean
  asb: boolean
  gsR: boolean
  dleEot: boolean
  cutCounter: boolean
  /** Groups of automatic status back that are on from the start, as a DIP switch can set it. */
  asbAtStart: number
  asbReserved: number
  drawer: boolean
  drawerOpenLevel: 'high' | 'low'
  /** A drawer that shuts itself after a time. */
  drawerClosesAfterMs?: number
  /** Room for what waits to be printed. When it is full the twin takes nothing more from the wire. */
  bufferBytes: number
  /** Time for one line of 30 dots; 0 prints at once. */
  printMsPerLine: number
  cutterDistanceDots: number
  ticketsMax: number
  ticketDotsMax: number
  /** An unfinished command outlives the connection on which it began. */
  partialSurvivesReconnect: boolean
  drawSymbol?: DrawSymbol
}

export const twinDefaults: Omit<EscposTwinOptions, 'clock'> = {
  maker: 'EPSON',
  model: 'TM-m30',
  serial: 'TWIN000001',
  firmware: '1.00 ESC/POS',
  columns: 48,
  widthDots: 576,
  kanji: 'none',
  identity: true,
  processId: true,
  asb: true,
  gsR: true,
  dleEot: true,
  cutCounter: true,
  asbAtStart: 0,
  asbReserved: 0x0f,
  drawer: true,
  drawerOpenLevel: 'high',
  bufferBytes: 4096,
  printMsPerLine: 0,
  cutterDistanceDots: 0,
  ticketsMax: 20,
  ticketDotsMax: 40_000,
  partialSurvivesReconnect: false,
}

/** Faults for tests, and the value each takes. */
export interface TwinFaults {
  /** Closes the wire when so many bytes more have been taken. */
  drop_after_bytes: number
  garble: boolean
  half_answer: boolean
  /** Time each answer takes, in ms. */
  slow: number
  /** `recoverable` comes free by DLE ENQ. */
  cutter_jam: boolean | 'recoverable'
  /** The mechanism stands still though all is said to be well. */
  busy: boolean
  lie_online: boolean
  /** The roll ends after so many lines more. */
  paper_out_after_lines: number
}
