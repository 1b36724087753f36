/** Slips of cash moves, X and Z reports, kitchen tickets. */
import { expect, it } from 'vitest'
import type { Block } from '../../src/protocol/receipt.ts'
import { catalogueSchemas } from '../../src/protocol/till/catalogue.ts'
import type { SessionReport } from '../../src/protocol/till/session.ts'
import { cashSlip } from '../../src/till/papers/cash-slip.ts'
import { kitchenPaper } from '../../src/till/papers/kitchen-ticket.ts'
import { reportPaper } from '../../src/till/papers/report.ts'
import type { KitchenTicket } from '../../src/till/parts.ts'
import { deskWith, draftOf, paidAt, reportOf, rowsOf, textOf } from './papers-support.ts'

const desk = deskWith()
const at = Date.parse(paidAt)

it('[PAP17] a cash move: who, when, why, how much, and a line to sign on', () => {
  const move = { id: 'm', session: 's', amount: -5_000, reason: 'Blumen\nfür alle', at: paidAt, by: 'anna' }
  const out = cashSlip(move, desk)
  const rows = rowsOf(out)
  expect(rows).toContainEqual(['Kasse', 'Front'])
  expect(rows).toContainEqual(['Von', 'Anna'])
  expect(textOf(out)).toEqual(
    expect.arrayContaining(['Entnahme', 'Blumen\nfür alle', '23.11.2026, 23:30', '-50,00 €', 'Unterschrift']),
  )
  expect(out.find((block) => block.type === 'text' && block.text === '-50,00 €')).toMatchObject({ size: 2 })
  const into = textOf(cashSlip({ ...move, amount: 123 }, desk))
  expect(into).toContain('Einlage')
  expect(into).not.toContain('Entnahme')
  expect(into).toContain('1,23 €')
})

/** A report in which every amount of money and every count is another one. */
function distinctReport(): { report: SessionReport; money: number[]; counts: number[] } {
  const money: number[] = []
  const counts: number[] = []
  const amount = () => {
    money.push(100_003 + money.length * 1_117)
    return money.at(-1)!
  }
  const count = () => {
    counts.push(301 + counts.length * 7)
    return counts.at(-1)!
  }
  const base = reportOf()
  const report: SessionReport = {
    ...base,
    session: { ...base.session, openingExpected: amount(), openingCounted: amount() },
    orders: count(),
    refunds: count(),
    cancelled: count(),
    duplicates: count(),
    total: amount(),
    net: amount(),
    discounts: amount(),
    tips: amount(),
    rounding: amount(),
    grandTotal: amount(),
    cashExpected: amount(),
    taxes: base.taxes.map((tax) => ({ ...tax, base: amount(), amount: amount() })),
    methods: base.methods.map((method) => ({ ...method, payments: count(), amount: amount() })),
    cashMoves: base.cashMoves.map((move) => ({ ...move, amount: amount() })),
    closing: {
      ...base.closing!,
      counts: base.closing!.counts.map(({ method }) => ({
        method,
        expected: amount(),
        counted: amount(),
        difference: amount(),
      })),
      coins: { 5000: count(), 20: count() },
    },
  }
  money.push(report.session.openingCounted - report.session.openingExpected)
  money.push(report.taxes.reduce((sum, tax) => sum + tax.amount, 0))
  for (const [value, coins] of Object.entries(report.closing!.coins!))
    money.push(Number(value), Number(value) * coins)
  return { report, money, counts }
}

it('[PAP18] a Z report has every figure, name, hour and remark of the session', () => {
  const { report, money, counts } = distinctReport()
  expect(new Set(money).size).toBe(money.length)
  const blocks = reportPaper(report, desk)
  const cells = textOf(blocks).map((text) => text.trim())
  for (const value of money) {
    expect(
      cells.some((cell) => cell === desk.format.amount(value) || cell === desk.format.money(value)),
    ).toBe(true)
  }
  for (const value of counts)
    expect(cells.some((cell) => cell === String(value) || cell === `x ${value}`)).toBe(true)
  for (const text of [
    'Z-Bericht 17',
    'K7-1-000001',
    'K7-1-000143',
    'Front',
    'Fünfzig Cent fehlen',
    'Alles gut',
  ]) {
    expect(cells).toContain(text)
  }
  for (const text of ['23.11.2026, 08:00', '23.11.2026, 20:05', 'Freigegeben von', 'Unterschrift']) {
    expect(cells).toContain(text)
  }
  expect(cells).toEqual(expect.arrayContaining(['Blumen\n  23.11.2026, 11:00 Anna']))
})

it('[PAP18] orders that came late are told when there are any', () => {
  const rows = rowsOf(reportPaper(reportOf({ late: { orders: 3, total: 4_711 } }), desk))
  expect(rows).toContainEqual(['Aus früheren Sitzungen (3)', '47,11'])
  expect(textOf(reportPaper(reportOf(), desk)).join('\n')).not.toContain('früheren')
})

it('[PAP18] an X report is called one and counts nothing; a blind count shows no expectation', () => {
  const blocks = reportPaper(reportOf({ closing: null, cashExpected: null }), desk)
  const texts = textOf(blocks)
  expect(texts).toContain('X-Bericht 17')
  expect(texts.join('\n')).not.toContain('Z-Bericht')
  expect(texts).toContain('vor der Zählung verborgen')
  expect(texts.join('\n')).not.toContain('1.706,25')
  expect(texts).not.toContain('Zählung')
  expect(textOf(reportPaper(reportOf({ closing: null }), desk))).toContain('1.706,25')
})

it('[PAP19] 300 cash moves are printed one by one, of more the rest as one sum', () => {
  const move = reportOf().cashMoves[0]!
  const moves = (count: number) =>
    reportOf({
      cashMoves: Array.from({ length: count }, (_, index) => ({ ...move, id: `m${index}`, amount: 100 })),
    })
  const rows = (count: number) =>
    rowsOf(reportPaper(moves(count), desk)).filter(([, amount]) => amount === '1,00')
  const rest = (count: number) =>
    rowsOf(reportPaper(moves(count), desk)).filter(([name]) => name!.startsWith('  +'))
  expect(rows(300).length).toBe(300)
  expect(rest(300)).toEqual([])
  expect(rows(303).length).toBe(300)
  expect(rest(303)).toEqual([['  + 3 weitere', '3,00']])
})

const kitchen = catalogueSchemas.kitchen.parse({ id: 'k', name: 'Küche', printer: 'p', categories: [] })
const draft = draftOf([{ amount: 100 }], { label: 'Geburtstag', internalNote: 'Allergie: Nüsse' })
const ticketOf = (ticket: Partial<KitchenTicket>): Block[] =>
  kitchenPaper({ kitchen, draft, changes: [], by: 'anna', ...ticket }, at, desk)

it('[PAP20] a kitchen ticket: table, number, guests, and what changed, by course', () => {
  const blocks = ticketOf({
    changes: [
      { name: 'Braten', quantity: '2', note: 'ohne Zwiebeln', course: 2 },
      { name: 'Suppe', quantity: '-1.5', course: 1 },
      { name: 'Salat', quantity: '1', course: 1 },
      { name: 'Brot', quantity: '3' },
    ],
  })
  expect(rowsOf(blocks)).toEqual([
    ['Bestellung', '42'],
    ['Gäste', '3'],
    ['Anna', '23.11.2026, 23:30'],
  ])
  const texts = blocks.flatMap((block) => (block.type === 'text' ? [block] : []))
  expect(texts.map(({ text }) => text)).toEqual([
    'Küche',
    'Tisch 4',
    'Geburtstag',
    '+3 x Brot',
    '-- Gang 1 --',
    '+1 x Salat',
    ' STORNO ',
    '-1,5 x Suppe',
    '-- Gang 2 --',
    '+2 x Braten',
    '> ohne Zwiebeln',
    'Allergie: Nüsse',
  ])
  expect(texts.filter(({ invert }) => invert).map(({ text }) => text)).toEqual([' STORNO ', '-1,5 x Suppe'])
  for (const name of ['Tisch 4', '+3 x Brot', '-1,5 x Suppe']) {
    expect(texts.find(({ text }) => text === name)).toMatchObject({ size: 2 })
  }
})

it('[PAP20] a course that is wanted now', () => {
  const blocks = ticketOf({ fire: 2 })
  expect(textOf(blocks)).toEqual(expect.arrayContaining([' ABRUF ', 'Gang 2']))
  expect(blocks.find((block) => block.type === 'text' && block.text === ' ABRUF ')).toMatchObject({
    invert: true,
  })
  expect(textOf(ticketOf({})).join()).not.toContain('ABRUF')
})

it('[PAP20] no change is left out, however many there are and whatever is noted', () => {
  for (const count of [300, 301, 1_000]) {
    const changes = Array.from({ length: count }, (_, index) => ({
      name: `Gericht ${index}.`,
      quantity: index % 2 === 0 ? '1' : '-1',
      note: `Wunsch ${index}.`,
      course: (index % 20) + 1,
    }))
    const blocks = ticketOf({ changes, fire: 1 })
    expect(blocks.length).toBeLessThanOrEqual(2_000)
    const text = textOf(blocks).join('\n')
    for (const { name, note } of changes) {
      expect(text).toContain(name)
      expect(text).toContain(note)
    }
  }
})
