/** X and Z reports: every figure of a session. */
import type { Block } from '../../protocol/receipt.ts'
import type { SessionReport } from '../../protocol/till/session.ts'
import {
  clean,
  cleanLines,
  doubleRule,
  ending,
  labelled,
  large,
  largeLabelled,
  paperLimits,
  rule,
  signature,
  small,
  table,
  text,
} from './blocks.ts'
import type { Desk } from './desk.ts'
import { taxRows } from './totals.ts'

export function reportPaper(report: SessionReport, desk: Desk): Block[] {
  const { words } = desk
  return [
    ...title(report, desk),
    rule,
    ...figures(report, desk),
    ...section(words.taxes, taxes(report, desk)),
    ...section(words.payments, methods(report, desk)),
    ...section(words.drawer, drawer(report, desk)),
    ...(report.closing === null ? [] : closing(report, report.closing, desk)),
    doubleRule,
    ...largeLabelled(words.grandTotal, desk.format.money(report.grandTotal)),
    ...signature(words.signature),
    ...ending,
  ]
}

function title(report: SessionReport, desk: Desk): Block[] {
  const { words, format, shop, register } = desk
  const { session, closing } = report
  const blocks: Block[] = [
    text(clean(shop.name), 'center', true),
    ...(shop.vat === undefined ? [] : [text(`${words.vat} ${clean(shop.vat)}`, 'center')]),
    large(`${closing === null ? words.xReport : words.zReport} ${session.number}`),
    ...(closing === null ? [small(words.xNote, 'center')] : []),
    ...labelled(words.register, clean(register?.name ?? session.register)),
    ...labelled(words.session, String(session.number)),
    ...labelled(words.opened, format.time(session.openedAt)),
    ...labelled(`  ${words.by}`, clean(desk.nameOf(session.openedBy))),
  ]
  if (session.closedAt !== null) blocks.push(...labelled(words.closed, format.time(session.closedAt)))
  if (session.closedBy !== null) {
    blocks.push(...labelled(`  ${words.by}`, clean(desk.nameOf(session.closedBy))))
  }
  return [...blocks, ...labelled(words.printed, format.time(report.at))]
}

function figures(report: SessionReport, desk: Desk): Block[] {
  const { words, format } = desk
  return [
    ...largeLabelled(words.sales, format.money(report.total)),
    ...labelled(words.net, format.amount(report.net)),
    ...labelled(words.orders, String(report.orders)),
    ...labelled(`  ${words.refunds}`, String(report.refunds)),
    ...labelled(words.cancelled, String(report.cancelled)),
    ...labelled(words.duplicates, String(report.duplicates)),
    ...labelled(words.discountsGiven, format.amount(report.discounts)),
    ...labelled(words.tips, format.amount(report.tips)),
    ...labelled(words.rounding, format.amount(report.rounding)),
    ...late(report, desk),
    ...(report.firstOrder === null ? [] : labelled(words.firstOrder, report.firstOrder)),
    ...(report.lastOrder === null ? [] : labelled(words.lastOrder, report.lastOrder)),
  ]
}

/** What was paid in sessions before and counts in this one. */
function late({ late }: SessionReport, { words, format }: Desk): Block[] {
  return late === undefined ? [] : labelled(`${words.late} (${late.orders})`, format.amount(late.total))
}

function section(name: string, blocks: readonly Block[]): Block[] {
  return blocks.length === 0 ? [] : [rule, text(name, 'left', true), ...blocks]
}

function taxes({ taxes }: SessionReport, desk: Desk): Block[] {
  if (taxes.length === 0) return []
  const rows = taxes.map(({ name, base, amount }) => ({ name: clean(name), base, amount }))
  const total = taxes.reduce((sum, { amount }) => sum + amount, 0)
  return taxRows(rows, total, desk)
}

function methods({ methods }: SessionReport, { format }: Desk): Block[] {
  return table(
    undefined,
    methods.map(({ name, payments, amount }) => [clean(name), String(payments), format.amount(amount)]),
  )
}

function drawer(report: SessionReport, desk: Desk): Block[] {
  const { words, format } = desk
  const { session, cashMoves, cashExpected } = report
  const difference = session.openingCounted - session.openingExpected
  const blocks = [
    ...labelled(words.openingExpected, format.amount(session.openingExpected)),
    ...labelled(words.openingCounted, format.amount(session.openingCounted)),
    ...(difference === 0 ? [] : labelled(`  ${words.difference}`, format.amount(difference), true)),
  ]
  if (session.openingNote !== undefined && session.openingNote.trim() !== '') {
    blocks.push(small(cleanLines(session.openingNote)))
  }
  const shown = cashMoves.slice(0, paperLimits.rowsMax)
  if (shown.length > 0) blocks.push(text(words.cashMoves))
  for (const { amount, reason, at, by } of shown) {
    const told = `  ${clean(reason)}\n  ${format.time(at)} ${clean(desk.nameOf(by))}`
    blocks.push(...labelled(told, format.amount(amount)))
  }
  const rest = cashMoves.slice(shown.length)
  if (rest.length > 0) {
    const sum = rest.reduce((total, { amount }) => total + amount, 0)
    blocks.push(...labelled(`  + ${rest.length} ${words.more}`, format.amount(sum)))
  }
  const expected = cashExpected === null ? words.blind : format.amount(cashExpected)
  return [...blocks, ...labelled(words.cashExpected, expected, true)]
}

function closing(
  report: SessionReport,
  { counts, coins, note, approvedBy }: NonNullable<SessionReport['closing']>,
  desk: Desk,
): Block[] {
  const { words, format } = desk
  const named = (id: string) => report.methods.find(({ method }) => method === id)?.name ?? desk.method(id)
  const blocks = counts.flatMap(({ method, expected, counted, difference }) => [
    text(clean(named(method)), 'left', true),
    ...labelled(`  ${words.expected}`, format.amount(expected)),
    ...labelled(`  ${words.counted}`, format.amount(counted)),
    ...labelled(`  ${words.difference}`, format.amount(difference), difference !== 0),
  ])
  const money = Object.entries(coins ?? {})
    .map(([value, count]) => ({ value: Number(value), count }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.value - a.value)
    .slice(0, paperLimits.rowsMax)
  const coinRows = table(
    undefined,
    money.map(({ value, count }) => [
      `  ${format.amount(value)}`,
      `x ${count}`,
      format.amount(value * count),
    ]),
  )
  return [
    ...section(words.count, blocks),
    ...(coinRows.length === 0 ? [] : [text(words.coins), ...coinRows]),
    ...(note === null || note.trim() === '' ? [] : [text(words.note), text(cleanLines(note))]),
    ...(approvedBy === null ? [] : labelled(words.approvedBy, clean(desk.nameOf(approvedBy)))),
  ]
}
