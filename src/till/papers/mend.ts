/** What is taken off a paper that a printer refuses, so that a character or a logo never costs the receipt. */
import type { HubError } from '../../protocol/errors.ts'
import type { Block } from '../../protocol/receipt.ts'

export const mendLimits = {
  /** Refusals that cost only the characters named: a printer names those of one line. */
  singleMax: 10,
  /** Refusals of one paper that are mended. */
  triesMax: 20,
} as const

/** Scripts of which some fonts have only a part, or nothing. */
const scripts =
  'Han Hangul Thai Lao Khmer Myanmar Tibetan Sinhala Devanagari Bengali Gurmukhi Gujarati Tamil Telugu Kannada'.split(
    ' ',
  )
/** Latin, its punctuation and signs of currencies. */
const beyondLatin = /[^\u0000-\u024f\u2010-\u203a\u20a0-\u20bf]/gu

/**
 * The blocks without what the error of `job.submit` names; undefined when there is nothing to take off. `tries`: refusals
 * before this one.
 */
export function mended(
  blocks: readonly Block[],
  { code, context }: HubError,
  tries: number,
): Block[] | undefined {
  if (tries >= mendLimits.triesMax) return undefined
  switch (code) {
    case 'text_unprintable': {
      const named = String(context.characters ?? '')
        .split(' ')
        .filter((character) => character !== '')
      return withoutCharacters(
        blocks,
        tries < mendLimits.singleMax
          ? (text) => named.reduce((left, character) => left.replaceAll(character, '?'), text)
          : (text) => named.reduce((left, character) => left.replace(scriptOf(character), '?'), text),
      )
    }
    case 'image_invalid':
    case 'image_too_large':
    case 'base64_invalid':
      return without(blocks, ['image'])
    case 'barcode_invalid':
      return without(blocks, ['barcode', 'qr'])
    default:
      return undefined
  }
}

/** All that is written like a character. */
function scriptOf(character: string): RegExp {
  for (const script of scripts) {
    if (new RegExp(`\\p{Script=${script}}`, 'u').test(character))
      return new RegExp(`\\p{Script=${script}}`, 'gu')
  }
  return beyondLatin
}

function without(blocks: readonly Block[], types: readonly Block['type'][]): Block[] | undefined {
  const left = blocks.filter(({ type }) => !types.includes(type))
  return left.length === blocks.length ? undefined : left
}

function withoutCharacters(
  blocks: readonly Block[],
  replaced: (text: string) => string,
): Block[] | undefined {
  let changed = false
  const tell = (text: string) => {
    const left = replaced(text)
    changed ||= left !== text
    return left
  }
  const left = blocks.map((block): Block => {
    if (block.type === 'text') return { ...block, text: tell(block.text) }
    if (block.type !== 'row') return block
    return { ...block, columns: block.columns.map((column) => ({ ...column, text: tell(column.text) })) }
  })
  return changed ? left : undefined
}
