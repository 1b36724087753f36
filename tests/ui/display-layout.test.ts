/** What the customer display decides about a document before it draws it. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readWishes } from '../../src/ui/display/address.ts'
import { directionOf, messageSize, splitLine, widestLine } from '../../src/ui/display/layout.ts'

describe('the layout of a document', () => {
  it('[UI19] goes by the first letter that the customer reads', () => {
    expect(directionOf({ items: [{ text: '12 קפה', amount: '1' }] })).toBe('rtl')
    expect(directionOf({ items: [{ text: 'Café קפה' }] })).toBe('ltr')
    expect(directionOf({ message: 'شكرا' })).toBe('rtl')
    expect(directionOf({ items: [{ text: '12' }], total: { label: 'סך', amount: '5' } })).toBe('rtl')
    expect(directionOf({ total: { amount: '5.00' } })).toBe('ltr')
    expect(directionOf({ message: '日本' })).toBe('ltr')
  })

  it('[UI19] sets a line that is spaced out as two columns', () => {
    expect(splitLine('Coffee          2.50')).toEqual(['Coffee', '2.50'])
    expect(splitLine('  Flat white  x2   7.00 ')).toEqual(['Flat white  x2', '7.00'])
    expect(splitLine('Thank you')).toEqual(['Thank you', undefined])
    expect(splitLine('   ')).toEqual(['', undefined])
    expect(widestLine(['Coffee          2.50', 'Total'])).toBe('Coffee2.50'.length + 2)
    expect(widestLine([])).toBe(0)
  })

  it('[UI19] no line loses a letter', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), (line) => {
        const [start, end] = splitLine(line)
        const bare = (text: string) => text.replaceAll(/\s/g, '')
        expect(bare(start + (end ?? ''))).toBe(bare(line))
      }),
    )
  })

  it('[UI19] a message is the smaller the longer it is, and the more stands beside it', () => {
    expect(messageSize('Thank you', true)).toBe('huge')
    expect(messageSize('Thank you, see you soon', false)).toBe('large')
    expect(messageSize('x'.repeat(71), true)).toBe('medium')
    expect(messageSize('x'.repeat(400), true)).toBe('small')
  })

  it('[UI16] the address names display and colours, and nothing else is believed', () => {
    expect(readWishes('#device=display-1&theme=dark')).toEqual({ device: 'display-1', theme: 'dark' })
    expect(readWishes('')).toEqual({ device: undefined, theme: undefined })
    expect(readWishes('#theme=pink&x')).toEqual({ device: undefined, theme: undefined })
  })
})
