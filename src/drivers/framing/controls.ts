/** Control characters by the names that the manuals of scanners use, for settings. */

export const controls: Readonly<Record<string, string>> = {
  STX: '\x02',
  ETX: '\x03',
  EOT: '\x04',
  TAB: '\t',
  LF: '\n',
  CR: '\r',
  CRLF: '\r\n',
  GS: '\x1d',
  RS: '\x1e',
}

/** What a text in the settings stands for: the control character of that name, or itself. */
export const controlText = (text: string): string =>
  Object.hasOwn(controls, text) ? (controls[text] as string) : text
