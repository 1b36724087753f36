/**
 * Text of ePOS as lines of a receipt: its elements are one stream of characters whose style changes on the way; a line of a receipt has
 * one style, or columns.
 */
import type { Align, Block } from '../../../protocol/receipt.ts'
import { receiptLimits } from '../../../protocol/receipt.ts'

/** What `<text>` sets and later ones keep. */
export interface TextStyle {
  align: Align
  bold: boolean
  underline: boolean
  invert: boolean
  small: boolean
  /** 1 to 8 times. */
  width: number
  height: number
}

export const plainText: Readonly<TextStyle> = {
  align: 'left',
  bold: false,
  underline: false,
  invert: false,
  small: false,
  width: 1,
  height: 1,
}

interface Run {
  text: string
  style: TextStyle
}

interface Line {
  runs: Run[]
  align: Align
}

type TextBlock = Extract<Block, { type: 'text' }>

/** Larger than a receipt prints. */
const sizeMax = 4
const columnsMax = receiptLimits.columnsMax
/** Control characters besides line breaks and tabs mean nothing on paper. */
const stray = /[\x00-\x08\x0b-\x1f\x7f]/g
const tabCells = 8

export class Lines {
  readonly #blocks: Block[]
  #line: Line | undefined
  #text: TextBlock | undefined

  /** Writes into `blocks`. */
  constructor(blocks: Block[]) {
    this.#blocks = blocks
  }

  write(text: string, style: TextStyle): void {
    const parts = text.replace(/\r\n?/g, '\n').replace(stray, '').split('\n')
    for (const [index, part] of parts.entries()) {
      if (index > 0) this.#end(style)
      if (part === '') continue
      this.#line ??= { runs: [], align: style.align }
      const last = this.#line.runs.at(-1)
      if (last !== undefined && alike(last.style, style)) last.text += part
      else this.#line.runs.push({ text: part, style: { ...style } })
    }
  }

  /** Ends the line that was begun, if any; something else follows. */
  flush(): void {
    if (this.#line !== undefined) this.#end(plainText)
    this.#text = undefined
  }

  /** Goes on in `cells` characters from the left. */
  moveTo(cells: number, style: TextStyle): void {
    const runs = this.#line?.runs ?? []
    const at = runs.reduce((sum, { text, style: { width } }) => sum + text.length * width, 0)
    const missing = Math.floor((cells - at) / style.width)
    if (missing > 0) this.write(' '.repeat(missing), style)
  }

  #end(style: TextStyle): void {
    const line = this.#line ?? { runs: [], align: style.align }
    this.#line = undefined
    const runs = line.runs.map((run) => ({ ...run, text: withoutTabs(run.text) }))
    if (runs.length > 1 && runs.length <= columnsMax && line.align === 'left') this.#mixed(runs)
    else this.#plain(runs, line.align)
  }

  /** Lines of one style become one block: a long receipt has more lines than blocks. */
  #plain(runs: readonly Run[], align: Align): void {
    const text = runs.map((run) => run.text).join('')
    const style = commonStyle(runs)
    const before = this.#text
    if (before !== undefined && before.align === align && sameLook(before, style)) {
      const longer = `${before.text}\n${text}`
      if (longer.length <= receiptLimits.textCharsMax) {
        before.text = longer
        return
      }
    }
    let left = text
    do {
      const block: TextBlock = {
        type: 'text',
        text: left.slice(0, receiptLimits.textCharsMax),
        align,
        ...style,
      }
      this.#blocks.push(block)
      this.#text = block
      left = left.slice(receiptLimits.textCharsMax)
    } while (left !== '')
  }

  #mixed(runs: readonly Run[]): void {
    this.#text = undefined
    const { bold: _bold, ...style } = commonStyle(runs)
    this.#blocks.push({
      type: 'row',
      columns: runs.map(({ text, style: { bold } }, index) =>
        index === runs.length - 1
          ? { text, flex: 1, ...(bold && { bold }) }
          : { text, width: Math.min(80, text.length), ...(bold && { bold }) },
      ),
      ...style,
    })
  }
}

type Look = Pick<TextBlock, 'bold' | 'underline' | 'invert' | 'small' | 'size'>

/** What all of a line have. Twice as high only is not twice as large: it would not fit its line; it is bold instead. */
function commonStyle(runs: readonly Run[]): Look {
  const every = (test: (style: TextStyle) => boolean) =>
    runs.length > 0 && runs.every(({ style }) => test(style))
  const size = Math.min(sizeMax, ...runs.map(({ style: { height, width } }) => Math.min(height, width)))
  const stretched = every(({ height, width }) => height !== width)
  return {
    ...((every(({ bold }) => bold) || stretched) && { bold: true }),
    ...(every(({ underline }) => underline) && { underline: true }),
    ...(every(({ invert }) => invert) && { invert: true }),
    ...(every(({ small }) => small) && { small: true }),
    ...(runs.length > 0 && size > 1 && { size }),
  }
}

const sameLook = (block: TextBlock, style: Look): boolean =>
  block.bold === style.bold &&
  block.underline === style.underline &&
  block.invert === style.invert &&
  block.small === style.small &&
  block.size === style.size

const alike = (one: TextStyle, other: TextStyle): boolean =>
  (Object.keys(plainText) as (keyof TextStyle)[]).every((key) => one[key] === other[key])

function withoutTabs(text: string): string {
  if (!text.includes('\t')) return text
  let out = ''
  for (const [index, part] of text.split('\t').entries())
    out = index === 0 ? part : out.padEnd((Math.floor(out.length / tabCells) + 1) * tabCells) + part
  return out
}
