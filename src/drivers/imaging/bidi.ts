/**
 * The visual order of lines with Hebrew or Arabic in them: a printer sets characters from left to right as they come.
 * The rules of Unicode's bidirectional algorithm (UAX #9) that need no control characters: W2, W4 to W7, N0 to N2, I1, I2,
 * L2, L4. Embeddings and isolates are not supported; their control characters are invisible and dropped before.
 */

const rtlPattern = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/
const arabicPattern = /[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufeff]/
const arabicDigit = /^[\u0660-\u0669\u06f0-\u06f9]/
const digit = /^[0-9]/
const separator = /^[.,:/+\u00a0-]/
const terminator = /^[#$%\u00a2-\u00a5\u00b0\u00b1\u20a0-\u20cf]/
const letter = /^\p{L}/u

/** Whether any character of the text is written from right to left. */
export function hasRightToLeft(text: string): boolean {
  return rtlPattern.test(text)
}

/** Whether a character belongs to a script whose letters join. */
export function isArabic(text: string): boolean {
  return arabicPattern.test(text) && !arabicDigit.test(text)
}

type Kind = 'L' | 'R' | 'AL' | 'EN' | 'AN' | 'S' | 'T' | 'N'

function kindOf(text: string): Kind {
  if (arabicDigit.test(text)) return text.charCodeAt(0) >= 0x6f0 ? 'EN' : 'AN'
  if (isArabic(text)) return 'AL'
  if (hasRightToLeft(text)) return 'R'
  if (digit.test(text)) return 'EN'
  if (separator.test(text)) return 'S'
  if (terminator.test(text)) return 'T'
  return letter.test(text) ? 'L' : 'N'
}

const mirrored: Readonly<Record<string, string>> = {
  '(': ')',
  ')': '(',
  '[': ']',
  ']': '[',
  '{': '}',
  '}': '{',
  '<': '>',
  '>': '<',
  '«': '»',
  '»': '«',
}

export interface Placed {
  /** Which of the given units stands here. */
  readonly index: number
  /** What it shows: brackets in right-to-left text are turned round. */
  readonly text: string
}

/** Units of one line (characters with their marks, in reading order) from left to right as the eye meets them. */
export function visualOrder(units: readonly string[]): Placed[] {
  const kinds = units.map(kindOf)
  const first = kinds.find((kind) => kind === 'L' || kind === 'R' || kind === 'AL')
  const base = first === 'R' || first === 'AL' ? 1 : 0
  resolveNumbers(kinds, base)
  resolveBrackets(units, kinds, base)
  const levels = levelsOf(kinds, base)
  const order = units.map((_, index) => index)
  for (let level = Math.max(0, ...levels); level >= 1; level--) reverseRuns(order, levels, level)
  return order.map((index) => {
    const text = units[index]!
    return { index, text: levels[index]! % 2 === 1 ? (mirrored[text] ?? text) : text }
  })
}

/** W2 and W4 to W7: what numbers, their separators and currency signs count as. */
function resolveNumbers(kinds: Kind[], base: number): void {
  let strong: Kind = base === 1 ? 'R' : 'L'
  for (let index = 0; index < kinds.length; index++) {
    const kind = kinds[index]!
    if (kind === 'L' || kind === 'R' || kind === 'AL') strong = kind
    else if (kind === 'EN' && strong === 'AL') kinds[index] = 'AN'
  }
  for (let index = 1; index + 1 < kinds.length; index++) {
    const before = kinds[index - 1]
    const isNumber = before === 'EN' || before === 'AN'
    if (kinds[index] === 'S' && isNumber && kinds[index + 1] === before) kinds[index] = before
  }
  joinTerminators(kinds)
  strong = base === 1 ? 'R' : 'L'
  for (let index = 0; index < kinds.length; index++) {
    const kind = kinds[index]!
    if (kind === 'S' || kind === 'T') kinds[index] = 'N'
    else if (kind === 'AL') kinds[index] = 'R'
    if (kind === 'L' || kind === 'R' || kind === 'AL') strong = kind
    else if (kind === 'EN' && strong === 'L') kinds[index] = 'L'
  }
}

/** W5: a run of terminators next to a European number is part of it. */
function joinTerminators(kinds: Kind[]): void {
  for (let index = 0; index < kinds.length; index++) {
    if (kinds[index] !== 'T') continue
    let end = index
    while (kinds[end] === 'T') end += 1
    if (kinds[index - 1] === 'EN' || kinds[end] === 'EN') kinds.fill('EN', index, end)
    index = end
  }
}

/** N0: a pair of brackets takes the line's direction, unless what is in it and what comes before both go the other way. */
function resolveBrackets(units: readonly string[], kinds: Kind[], base: number): void {
  const along = base === 1 ? 'R' : 'L'
  const sideOf = (kind: Kind | undefined) =>
    kind === 'N' || kind === undefined ? undefined : kind === 'L' ? 'L' : 'R'
  for (const [open, close] of bracketPairs(units, kinds)) {
    const inside = kinds.slice(open + 1, close).map(sideOf)
    if (inside.every((side) => side === undefined)) continue
    const before = kinds.slice(0, open).findLast((kind) => kind !== 'N')
    const turned = !inside.includes(along) && before !== undefined && sideOf(before) !== along
    const side = turned ? sideOf(before)! : along
    kinds[open] = side
    kinds[close] = side
  }
}

/** Places of opening brackets with those of what closes them, in the order of the opening ones. */
function bracketPairs(units: readonly string[], kinds: readonly Kind[]): [number, number][] {
  const pairs: [number, number][] = []
  const open: number[] = []
  for (const [index, unit] of units.entries()) {
    if (kinds[index] !== 'N') continue
    if ('([{'.includes(unit)) open.push(index)
    else if (')]}'.includes(unit)) {
      const partner = open.findLastIndex((at) => mirrored[units[at]!] === unit)
      if (partner < 0) continue
      pairs.push([open[partner]!, index])
      open.length = partner
    }
  }
  return pairs.sort((a, b) => a[0] - b[0])
}

/** N1, N2, I1, I2: neutrals take the direction on both their sides, or the line's; then each has a level. */
function levelsOf(kinds: Kind[], base: number): number[] {
  const baseSide = base === 1 ? 'R' : 'L'
  const sideOf = (kind: Kind | undefined) => (kind === undefined ? baseSide : kind === 'L' ? 'L' : 'R')
  for (let index = 0; index < kinds.length; index++) {
    if (kinds[index] !== 'N') continue
    let end = index
    while (kinds[end] === 'N') end += 1
    const before = sideOf(kinds[index - 1])
    kinds.fill(before === sideOf(kinds[end]) ? before : baseSide, index, end)
    index = end - 1
  }
  return kinds.map((kind) => {
    if (kind === 'R') return 1
    if (kind === 'L') return base === 1 ? 2 : 0
    return 2
  })
}

/** L2: turns round every run at `level` or above. */
function reverseRuns(order: number[], levels: readonly number[], level: number): void {
  for (let start = 0; start < order.length; start++) {
    if (levels[order[start]!]! < level) continue
    let end = start
    while (end < order.length && levels[order[end]!]! >= level) end += 1
    const run = order.slice(start, end).reverse()
    order.splice(start, run.length, ...run)
    start = end
  }
}
