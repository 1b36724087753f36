/** The state of the twin's hands-on parts, and how ESC/POS tells it: DLE EOT, automatic status back, GS r. */

export type PaperState = 'full' | 'low' | 'out'

/** A jammed cutter: `recoverable` ones come free when the host asks for recovery (DLE ENQ), others want a hand. */
export type Jam = 'none' | 'recoverable' | 'stuck'

/** Which of the four groups of automatic status back a change belongs to: the bits of n in GS a n. */
export const statusGroups = { drawer: 0x01, online: 0x02, error: 0x04, paper: 0x08, panel: 0x40 } as const

export interface StatusOptions {
  /** Level of pin 3 while the drawer is open. */
  readonly drawerOpenLevel: 'high' | 'low'
  /** Whether a drawer hangs on the connector. Without one the pin is pulled high [unconfirmed]. */
  readonly drawer: boolean
  /** Fourth byte of automatic status back; Epson calls it reserved. */
  readonly asbReserved: number
}

export class PrinterStatus {
  paper: PaperState = 'full'
  coverOpen = false
  drawerOpen = false
  jam: Jam = 'none'
  /** Reports that all is well whatever is true. */
  lies = false
  readonly #options: StatusOptions

  constructor(options: StatusOptions) {
    this.#options = options
  }

  /** True when the printer can print. */
  get online(): boolean {
    return this.paper !== 'out' && !this.coverOpen && this.jam === 'none'
  }

  get pin3High(): boolean {
    if (!this.#options.drawer) return true
    return this.drawerOpen === (this.#options.drawerOpenLevel === 'high')
  }

  /** The byte that answers DLE EOT n, n = 1 to 4 (bits 1 and 4 are always set). */
  dleEot(n: number): number {
    const { paper, coverOpen, jam, online } = this.#told()
    const fixed = 0x12
    switch (n) {
      case 1:
        return fixed | bit(this.pin3High, 0x04) | bit(!online, 0x08)
      case 2:
        return fixed | bit(coverOpen, 0x04) | bit(paper === 'out', 0x20) | bit(jam !== 'none', 0x40)
      case 3:
        return fixed | bit(jam !== 'none', 0x08)
      default:
        return fixed | bit(paper !== 'full', 0x0c) | bit(paper === 'out', 0x60)
    }
  }

  /** The four bytes of automatic status back. */
  asb(): Uint8Array {
    const { paper, coverOpen, jam, online } = this.#told()
    return Uint8Array.of(
      0x10 | bit(this.pin3High, 0x04) | bit(!online, 0x08) | bit(coverOpen, 0x20),
      bit(jam !== 'none', 0x08),
      bit(paper !== 'full', 0x03) | bit(paper === 'out', 0x0c),
      this.#options.asbReserved,
    )
  }

  /** The byte that answers GS r n: 1 paper sensors, 2 drawer connector. */
  gsR(n: number): number {
    const { paper } = this.#told()
    return n === 1 ? bit(paper !== 'full', 0x03) | bit(paper === 'out', 0x0c) : bit(this.pin3High, 0x01)
  }

  /** Groups in which two automatic statuses differ. */
  static changed(before: Uint8Array, after: Uint8Array): number {
    const differ = (index: number, mask: number) => ((before[index]! ^ after[index]!) & mask) !== 0
    return (
      bit(differ(0, 0x04), statusGroups.drawer) |
      bit(differ(0, 0x28), statusGroups.online) |
      bit(differ(1, 0x6c), statusGroups.error) |
      bit(differ(2, 0x0f), statusGroups.paper) |
      bit(differ(0, 0x40) || differ(1, 0x02), statusGroups.panel)
    )
  }

  #told(): { paper: PaperState; coverOpen: boolean; jam: Jam; online: boolean } {
    return this.lies
      ? { paper: 'full', coverOpen: false, jam: 'none', online: true }
      : { paper: this.paper, coverOpen: this.coverOpen, jam: this.jam, online: this.online }
  }
}

function bit(on: boolean, value: number): number {
  return on ? value : 0
}
