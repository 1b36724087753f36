/** Strikes out what must not stand in a trace or a bundle: card numbers and tracks in bytes, secrets in settings. */

/** Card numbers have 13 to 19 digits (ISO/IEC 7812-1); six first and four last may be shown (PCI DSS 3.4.1). */
const panDigits = { min: 13, max: 19, first: 6, last: 4 } as const
const star = 0x2a
const secretNames = /secret|password|passphrase|token|(^|[a-z])(Key|Pin)$|^(key|pin)$|polynomial/

/**
 * The bytes with card data struck out by `*`, their number unchanged: runs of 13 to 19 digits that pass the Luhn check, magnetic
 * tracks (`;…=…?`, `%B…^…?`) whole, and packed BCD after the same rule. EAN and GTIN codes have 13 or 14 digits and one in ten
 * passes Luhn as well: those are struck out too, which a trace can bear.
 */
export function maskCardData(bytes: Uint8Array): Uint8Array {
  let masked: Uint8Array | undefined
  const copy = () => (masked ??= bytes.slice())
  for (const [start, end] of digitRuns(bytes)) {
    const length = end - start
    if (length < panDigits.min || length > panDigits.max || !isLuhn(bytes.subarray(start, end))) continue
    copy().fill(star, start + panDigits.first, end - panDigits.last)
  }
  for (const [start, end] of tracks(bytes)) copy().fill(star, start, end)
  for (const [start, end] of packedRuns(bytes)) copy().fill(0xee, start, end)
  return masked ?? bytes
}

/** The same for the texts in a value, at any depth: a card that was swiped comes as a scan. */
export function maskTexts(value: unknown): unknown {
  if (typeof value === 'string') return Buffer.from(maskCardData(Buffer.from(value))).toString()
  if (Array.isArray(value)) return value.map(maskTexts)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, maskTexts(inner)]))
}

/** Values of fields whose names say that they are secret become `***`, at any depth. */
export function withoutSecrets(settings: unknown): Record<string, unknown> {
  const strike = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(strike)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, secretNames.test(name) ? '***' : strike(inner)]),
    )
  }
  return strike(settings) as Record<string, unknown>
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39

function* digitRuns(bytes: Uint8Array): Generator<[number, number]> {
  for (let start = 0; start < bytes.length; start++) {
    if (!isDigit(bytes[start])) continue
    let end = start
    while (isDigit(bytes[end])) end++
    yield [start, end]
    start = end
  }
}

/** Track 2 `;PAN=…?` and track 1 `%BPAN^NAME^…?` (ISO/IEC 7813), by their sentinels; at most 110 characters. */
function* tracks(bytes: Uint8Array): Generator<[number, number]> {
  const charsMax = 110
  for (let start = 0; start < bytes.length; start++) {
    const isTrack2 = bytes[start] === 0x3b && isDigit(bytes[start + 1])
    const isTrack1 = bytes[start] === 0x25 && bytes[start + 1] === 0x42 && isDigit(bytes[start + 2])
    if (!isTrack1 && !isTrack2) continue
    const separator = isTrack2 ? 0x3d : 0x5e
    const end = bytes.indexOf(0x3f, start)
    if (end < 0 || end - start > charsMax || !bytes.subarray(start, end).includes(separator)) continue
    yield [start + 1, end]
    start = end
  }
}

/**
 * ZVT and others pack two digits into a byte and pad with F: a card number is 7 to 10 bytes. Only runs that follow a length in
 * LLVAR (`Fx Fy`, ZVT PA00P015) are looked at, so that pictures and text are not torn.
 */
function* packedRuns(bytes: Uint8Array): Generator<[number, number]> {
  for (let index = 0; index + 1 < bytes.length; index++) {
    const [tens, ones] = [bytes[index] as number, bytes[index + 1] as number]
    if (tens >> 4 !== 0xf || ones >> 4 !== 0xf) continue
    const length = (tens & 0xf) * 10 + (ones & 0xf)
    if (length < 7 || length > 10) continue
    const start = index + 2
    const digits = Array.from(bytes.subarray(start, start + length), (byte) =>
      byte.toString(16).padStart(2, '0'),
    )
      .join('')
      .replace(/f$/, '')
    if (!/^\d{13,19}$/.test(digits) || !isLuhn(Uint8Array.from(digits, (digit) => digit.charCodeAt(0))))
      continue
    yield [start + 3, start + length - 2]
    index = start + length - 1
  }
}

function isLuhn(digits: Uint8Array): boolean {
  let sum = 0
  for (let index = digits.length - 1, second = false; index >= 0; index--, second = !second) {
    const digit = (digits[index] as number) - 0x30
    sum += second ? (digit > 4 ? digit * 2 - 9 : digit * 2) : digit
  }
  return sum % 10 === 0
}
