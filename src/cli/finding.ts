/** What `doctor` found about one thing of the box. */
export interface Finding {
  check: string
  /** `note` is worth knowing and no failure. */
  result: 'ok' | 'note' | 'bad'
  message: string
  /** What to do about it. */
  fix?: string
  /** The node it is about, such as /dev/ttyUSB0. */
  port?: string
}
