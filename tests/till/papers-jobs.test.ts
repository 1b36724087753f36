/** Papers as jobs: where they go, under which id, and what happens when a printer refuses them. */
import { afterAll, expect, it } from 'vitest'
import { Imaging } from '../../src/drivers/imaging/imaging.ts'
import { EscposEncoder } from '../../src/drivers/printers/escpos/codec.ts'
import { escposSettingsSchema } from '../../src/drivers/printers/escpos/settings.ts'
import { HubError } from '../../src/protocol/errors.ts'
import type { PrintPayload } from '../../src/protocol/job.ts'
import type { SoldOrder } from '../../src/protocol/till/order.ts'
import { mended, mendLimits } from '../../src/till/papers/mend.ts'
import { Papers } from '../../src/till/papers/papers.ts'
import { receiptPaper } from '../../src/till/papers/receipt.ts'
import type { TillTools } from '../../src/till/parts.ts'
import { TestClock } from '../support/clock.ts'
import { line, openShop, type ShopBench, sellNow, till } from './orders-support.ts'
import { deskWith, draftOf, orderOf, reportOf, rowsOf, textOf } from './papers-support.ts'

const imaging = new Imaging({ clock: new TestClock() })
afterAll(() => imaging.stop())
const encoder = new EscposEncoder(
  escposSettingsSchema.parse({ widthDots: 384, columnsA: 32, columnsB: 42 }),
  imaging,
)

interface Bench extends ShopBench {
  papers: Papers
  told: { level: 'info' | 'warn'; context: object; text: string }[]
  /** How often a printer was asked. */
  tries: number
}

/** A shop whose jobs are looked at by a real printer's encoder before they are taken, as the hub does it. */
async function shop(options: Parameters<typeof openShop>[0] = {}, fails?: HubError): Promise<Bench> {
  const bench = { ...(await openShop(options)), told: [] as Bench['told'], tries: 0 } as Bench
  const tools: TillTools = {
    ...bench.tools,
    log: {
      info: (context, text) => bench.told.push({ level: 'info', context, text }),
      warn: (context, text) => bench.told.push({ level: 'warn', context, text }),
    },
    async print(job, caller) {
      bench.tries++
      if (fails !== undefined) throw fails
      await encoder.prepare(job.payload)
      await bench.tools.print(job, caller)
    },
  }
  bench.papers = new Papers(tools, bench.catalogue, bench.people)
  return bench
}

function blocksOf(bench: ShopBench, job: string) {
  const payload = JSON.parse(bench.jobs.get(job)!.receipt!) as PrintPayload
  return payload.receipt!.blocks
}

/** An order of the register r1 of the bench. */
const sold = (more: Partial<SoldOrder> = {}) =>
  orderOf([{ name: 'Bread', amount: 250 }], { employee: 'till-1', ...more })
const cash = {
  id: 'm',
  session: 's-r1',
  amount: 100,
  reason: 'coins',
  at: '2026-11-23T08:00:00.000Z',
  by: 'till-1',
}

/** All papers of a register, one after the other. */
async function printAll({ papers, catalogue }: Bench, printer?: string): Promise<void> {
  const caller = till()
  await papers.receipt(sold(), 1, 'j.receipt', caller, printer)
  await papers.gift(sold(), 'j.gift', caller, printer)
  await papers.bill(draftOf([{ amount: 100 }], { table: 'tab1' }), 'j.bill', caller, printer)
  await papers.cashMove(cash, 'r1', 'j.cash', caller)
  await papers.report(reportOf(), 'j.report', caller)
  const kitchen = catalogue.must('kitchen', 'stove')
  await papers.kitchen({ kitchen, draft: draftOf([]), changes: [], by: 'Anna' }, 'j.kitchen', caller)
}

it('[PAP1] a register without a printer prints nothing, silently', async () => {
  const bench = await shop({ register: { printer: undefined } })
  await printAll(bench)
  expect([...bench.jobs.keys()]).toEqual(['j.kitchen'])
  expect(bench.told).toEqual([])
})

it('[PAP1] a failure is logged and never thrown', async () => {
  const bench = await shop({}, new HubError('store_unavailable'))
  await printAll(bench)
  expect(bench.jobs.size).toBe(0)
  expect(bench.told).toMatchObject(
    ['receipt', 'gift', 'bill', 'cash', 'report', 'kitchen'].map((name) => ({
      level: 'warn',
      context: { job: `j.${name}`, code: 'store_unavailable' },
    })),
  )
})

it('[PAP1] a paper that was printed before is no failure', async () => {
  const bench = await shop({}, new HubError('job_conflict', { id: 'j' }))
  await bench.papers.receipt(sold(), 2, 'j', till())
  expect(bench.told.map(({ level }) => level)).toEqual(['info'])
})

it('[PAP2] printer of the register, of the kitchen, or the one asked for', async () => {
  const bench = await shop()
  await printAll(bench)
  const devices = () => Object.fromEntries([...bench.jobs].map(([id, { device }]) => [id, device]))
  const usual = 'printer-1'
  expect(devices()).toEqual({
    'j.receipt': usual,
    'j.gift': usual,
    'j.bill': usual,
    'j.cash': usual,
    'j.report': usual,
    'j.kitchen': 'printer-k',
  })
  bench.jobs.clear()
  await bench.store.close()
  const other = await shop()
  await printAll(other, 'printer-9')
  expect([...other.jobs].filter(([, { device }]) => device === 'printer-9').map(([id]) => id)).toEqual([
    'j.receipt',
    'j.gift',
    'j.bill',
  ])
})

it('[PAP2] ids of 64 characters stay; longer ones get shorter, each in its own way', async () => {
  const bench = await shop()
  const ids = ['a'.repeat(64), `${'a'.repeat(64)}b`, `${'a'.repeat(64)}c`]
  for (const id of [...ids, ...ids]) await bench.papers.gift(sold(), id, till())
  const jobs = [...bench.jobs.keys()]
  expect(jobs.length).toBe(3)
  expect(jobs[0]).toBe(ids[0])
  for (const job of jobs) expect(job).toMatch(/^[A-Za-z0-9._-]{1,64}$/)
})

it('[PAP3] a logo that is no picture costs the logo only', async () => {
  for (const logo of ['AAAA', 'no base64']) {
    const bench = await shop({ shop: { logo } })
    await bench.papers.receipt(sold(), 1, 'j', till())
    const blocks = blocksOf(bench, 'j')
    expect(blocks.some(({ type }) => type === 'image')).toBe(false)
    expect(textOf(blocks)).toContain('K7-1-000123')
    expect(bench.told.map(({ level }) => level)).toEqual(['warn'])
    await bench.store.close()
  }
})

it('[PAP3] characters that no font has become question marks, all others stay', async () => {
  const bench = await shop()
  const names = ['绿茶 Tea', 'ไทย Curry', '한국 Kimchi', '緑茶 Sencha']
  const order = orderOf(names.map((name) => ({ name, amount: 100 })))
  await bench.papers.receipt(order, 1, 'j', till())
  const texts = textOf(blocksOf(bench, 'j'))
  for (const name of ['?茶 Tea', '?? Kimchi', '緑茶 Sencha']) expect(texts).toContain(name)
  expect(texts.find((text) => text.endsWith('Curry'))).toMatch(/^\?+ Curry$/)
  expect(bench.told.every(({ level }) => level === 'warn')).toBe(true)
})

it('[PAP3] codes that do not go are left out', async () => {
  const bench = await shop({}, new HubError('barcode_invalid', { path: 'payload.receipt.blocks[1].data' }))
  await bench.papers.receipt(sold(), 1, 'j', till())
  // Once with the codes, once without.
  expect(bench.tries).toBe(2)
})

it('[PAP3] from the 11th refusal on a whole script is given up, so that long lists are printed too', async () => {
  const refusals = mendLimits.singleMax
  const bench = await shop()
  const hangul = (count: number, to: number) =>
    Array.from({ length: count }, (_, index) => `${String.fromCodePoint(to + index * 29)} ok`)
  const printNames = async (names: string[], job: string) => {
    bench.tries = 0
    await bench.papers.receipt(orderOf(names.map((name) => ({ name, amount: 100 }))), 1, job, till())
    return textOf(blocksOf(bench, job)).filter((text) => text.endsWith(' ok'))
  }
  expect(await printNames([...hangul(refusals, 0xac00), '緑 ok'], 'few')).toEqual([
    ...Array.from({ length: refusals }, () => '? ok'),
    '緑 ok',
  ])
  expect(bench.tries).toBe(refusals + 1)
  expect(await printNames([...hangul(200, 0xac00), '緑 ok'], 'many')).toEqual([
    ...Array.from({ length: 200 }, () => '? ok'),
    '緑 ok',
  ])
  expect(bench.tries).toBe(refusals + 2)
})

it('[PAP3] at most 20 refusals of one paper are mended', () => {
  const blocks = receiptPaper(
    sold(),
    { customer: undefined, refundOf: [], duplicate: undefined },
    deskWith({ language: 'en' }),
  )
  const refusal = new HubError('text_unprintable', { path: 'x', characters: '한' })
  const named = [...blocks, { type: 'text', text: '한' } as const]
  expect(mended(named, refusal, mendLimits.triesMax - 1)?.length).toBe(named.length)
  expect(mended(named, refusal, mendLimits.triesMax)).toBeUndefined()
  expect(mended(named, new HubError('device_unknown', { device: 'p' }), 0)).toBeUndefined()
  // Nothing that could be taken off is there: asking again would be for nothing.
  expect(mended(blocks, new HubError('image_invalid', { path: 'x', reason: 'y' }), 0)).toBeUndefined()
})

it('[PAP13] a refund names the receipt that its lines bring back, as the books know it', async () => {
  const bench = await shop()
  await sellNow(bench, 'o1', [line('bread')])
  const reference = (await bench.store.till.orders.sold('o1'))!.reference
  const back = (order: string) =>
    orderOf([{ amount: -250, quantity: '-1', refundOf: { order, line: 'l0' } }], { refund: true })
  await bench.papers.receipt(back('o1'), 1, 'known', till())
  expect(textOf(blocksOf(bench, 'known'))).toContain(`Refund of ${reference}`)
  await bench.papers.receipt(back('never'), 1, 'unknown', till())
  expect(textOf(blocksOf(bench, 'unknown')).join('\n')).not.toContain('Refund of')
})

it('[PAP14] the first print of an order is none, each one after it a duplicate', async () => {
  const bench = await shop()
  for (const prints of [1, 2, 3]) await bench.papers.receipt(sold(), prints, `j.${prints}`, till())
  const marks = [1, 2, 3].map((prints) =>
    textOf(blocksOf(bench, `j.${prints}`)).filter((text) => /DUPL/.test(text)),
  )
  expect(marks).toEqual([[], [' DUPLICATE 1 ', ' DUPLICATE 1 '], [' DUPLICATE 2 ', ' DUPLICATE 2 ']])
})

it('[PAP5] a customer who was removed costs the name only', async () => {
  const bench = await shop()
  await bench.papers.receipt(sold({ customer: 'ines' }), 1, 'known', till())
  await bench.papers.receipt(sold({ customer: 'gone' }), 1, 'gone', till())
  expect(textOf(blocksOf(bench, 'known'))).toContain('Ines Vermeer')
  expect(textOf(blocksOf(bench, 'gone'))).toContain('K7-1-000123')
})

it('[PAP9] figures of a sale through the till are those on its paper', async () => {
  const bench = await shop({ register: { cashRounding: { step: 5, method: 'nearest' } } })
  const lines = [line('bread', '2'), line('apples', '0.345'), line('wine')]
  const order = await sellNow(
    bench,
    'o1',
    lines,
    {},
    { payments: [{ id: 'p', method: 'cash', amount: 5_000 }] },
  )
  const job = [...bench.jobs].find(([, { kind }]) => kind === 'print')![0]
  const rows = rowsOf(blocksOf(bench, job))
  const amount = (minor: number) => (minor / 100).toFixed(2)
  const { totals } = order
  expect(totals.total).toBe(2_602)
  for (const row of [
    ['TOTAL', '€26.02'],
    ['Rounding', '-0.02'],
    ['To pay', '€26.00'],
    ['Cash', '50.00'],
    ['Change', '24.00'],
    ['Apples\n  0.345\u00a0kg x €2.99/kg', '1.03', 'B'],
    ...totals.taxes.map(({ name, base, amount: tax }, index) => [
      `${'AB'[index]} ${name}`,
      amount(base),
      amount(tax),
    ]),
  ]) {
    expect(rows).toContainEqual(row)
  }
  expect(textOf(blocksOf(bench, job))).toContain(order.reference)
})

it('[PAP22] an order keeps its currency when the shop has another one', async () => {
  const bench = await shop({ shop: { currency: 'JPY', currencyDigits: 0 } })
  await bench.papers.receipt(sold(), 1, 'j', till())
  expect(rowsOf(blocksOf(bench, 'j'))).toContainEqual(['TOTAL', '€2.50'])
  await bench.papers.cashMove(cash, 'r1', 'cash', till())
  expect(rowsOf(blocksOf(bench, 'cash'))).toContainEqual(['Cash in', '¥100'])
})
