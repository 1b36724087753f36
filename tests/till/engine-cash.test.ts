/** Cash rounding and settling: what was paid against what is due. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CashRounding, PaymentMethod } from '../../src/protocol/till/catalogue.ts'
import { cashDue, roundCash, roundTotal } from '../../src/till/engine/cash-rounding.ts'
import type { SettleTerms } from '../../src/till/engine/contract.ts'
import { settle } from '../../src/till/engine/settle.ts'

const method = (
  id: string,
  kind: PaymentMethod['kind'],
  more: Partial<PaymentMethod> = {},
): PaymentMethod => ({
  id,
  name: id,
  kind,
  sequence: 0,
  needsCustomer: false,
  overpay: false,
  needsReference: false,
  opensDrawer: false,
  active: true,
  ...more,
})

const cash = method('cash', 'cash')
const methods = new Map(
  [
    cash,
    method('coins', 'cash'),
    method('card', 'card'),
    method('generous', 'card', { overpay: true }),
    method('slip', 'card', { needsReference: true }),
    method('account', 'account', { overpay: true }),
  ].map((one) => [one.id, one]),
)

const nearest: CashRounding = { step: 5, method: 'nearest', cashOnly: true }

/** `pay(due, 'card 500', 'cash 700')`: rows, and what came of them. */
function pay(due: number, payments: readonly string[], more: Partial<SettleTerms> = {}) {
  const inputs = payments.map((text, at) => {
    const [by = '', amount = '', reference] = text.split(' ')
    return {
      id: `p${at}`,
      method: by,
      amount: Number(amount),
      ...(reference === undefined ? {} : { reference }),
    }
  })
  return settle(inputs, { due, cashRounding: null, methods, changeMethod: cash, changeId: 'c', ...more })
}

const result = (due: number, payments: readonly string[], more: Partial<SettleTerms> = {}) => {
  const { paid, change, cashRounding } = pay(due, payments, more)
  return [paid, change, cashRounding]
}

function refused(
  due: number,
  payments: readonly string[],
  path: string,
  reason: string,
  more: Partial<SettleTerms> = {},
) {
  expect(() => pay(due, payments, more)).toThrow(
    expect.objectContaining({
      code: 'payment_invalid',
      context: expect.objectContaining({ path, reason: expect.stringContaining(reason) }),
    }),
  )
}

const rounded = { cashRounding: nearest }

describe('cash rounding', () => {
  it.each([
    [1992, 1995, 1990, 1990],
    [1998, 2000, 1995, 2000],
    [2, 5, 0, 0],
    [-1992, -1995, -1990, -1990],
    [-1998, -2000, -1995, -2000],
    [-2, -5, 0, 0],
    [1651, 1655, 1650, 1650],
    [1990, 1990, 1990, 1990],
    [0, 0, 0, 0],
  ])('[M26] %i at steps of 5', (amount, up, down, near) => {
    const by = (how: CashRounding['method'], step = 5) =>
      roundCash(amount, { step, method: how, cashOnly: true })
    expect([by('up'), by('down'), by('nearest')]).toEqual([up, down, near])
    expect(by('up', 1)).toBe(amount)
  })

  it('[M26] a tie goes away from zero, and every amount mirrors its opposite within the step', () => {
    const ten: CashRounding = { step: 10, method: 'nearest', cashOnly: true }
    expect([roundCash(5, ten), roundCash(-5, ten), roundCash(4, ten), roundCash(-4, ten)]).toEqual([
      10, -10, 0, 0,
    ])
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000_000 }),
        fc.integer({ min: 1, max: 1_000 }),
        fc.constantFrom('up' as const, 'down' as const, 'nearest' as const),
        (amount, step, how) => {
          const there = roundCash(amount, { step, method: how, cashOnly: true })
          expect(there % step).toBe(0)
          const off = Math.abs(there - amount)
          if (how === 'nearest') expect(off).toBeLessThanOrEqual(step / 2)
          else expect(off).toBeLessThan(step)
          expect(roundCash(-amount, { step, method: how, cashOnly: true })).toBe(there === 0 ? 0 : -there)
        },
      ),
    )
  })

  it('[M27] due of a total', () => {
    const all = { ...nearest, cashOnly: false }
    expect(roundTotal(1992, all)).toEqual({ due: 1990, rounding: -2 })
    expect(roundTotal(1992, nearest)).toEqual({ due: 1992, rounding: 0 })
    expect(roundTotal(1992, null)).toEqual({ due: 1992, rounding: 0 })
    // Rounded already: cash and cards pay the same.
    expect(cashDue(1990, all)).toBe(1990)
    expect(result(1990, ['card 1990'], { cashRounding: all })).toEqual([1990, 0, 0])
    expect(result(1990, ['card 1003', 'cash 987'], { cashRounding: all })).toEqual([1990, 0, 0])
  })

  it('[M28] cards pay exactly, the rest in cash is rounded', () => {
    expect(result(1651, ['cash 1650'], rounded)).toEqual([1650, 0, -1])
    expect(result(1651, ['card 1651'], rounded)).toEqual([1651, 0, 0])
    expect(result(1651, ['card 1000', 'cash 650'], rounded)).toEqual([1650, 0, -1])
    expect(result(1651, ['cash 650', 'card 1000'], rounded)).toEqual([1650, 0, -1])
    expect(result(1653, ['card 1001', 'cash 1000'], rounded)).toEqual([1651, 350, -2])
    const up = { cashRounding: { ...nearest, method: 'up' as const } }
    expect(result(1651, ['cash 1655'], up)).toEqual([1655, 0, 4])
    refused(1651, ['cash 1650'], 'payments', '5 minor units is missing', up)
  })

  it('[M29] a rest that no coin can pay is paid', () => {
    expect(result(2, [], rounded)).toEqual([0, 0, -2])
    expect(result(-2, [], rounded)).toEqual([0, 0, 2])
    expect(result(1651, ['card 1649'], rounded)).toEqual([1649, 0, -2])
    expect(result(2, ['cash 500'], rounded)).toEqual([0, 500, -2])
    refused(3, [], 'payments', '3 minor units is missing', rounded)
    refused(1651, ['card 1648'], 'payments', '3 minor units is missing', rounded)
    refused(2, [], 'payments', '2 minor units is missing')
    // Not the other way: a card never takes more.
    refused(1651, ['card 1652'], 'payments.0.amount', '1 minor units more than is due', rounded)
  })

  it('[M30] cash is a multiple of the step', () => {
    refused(1651, ['card 1', 'cash 1651'], 'payments.1.amount', 'multiple of 5', rounded)
    refused(-1651, ['cash -1651'], 'payments.0.amount', 'multiple of 5', rounded)
    expect(result(1651, ['cash 1651'])).toEqual([1651, 0, 0])
  })
})

describe('paying', () => {
  it('[M31] cash gives change as one negative row', () => {
    expect(pay(1234, ['card 1000', 'cash 500'])).toEqual({
      payments: [
        { id: 'p0', method: 'card', amount: 1000, change: false },
        { id: 'p1', method: 'cash', amount: 500, change: false },
        { id: 'c', method: 'cash', amount: -266, change: true },
      ],
      paid: 1234,
      change: 266,
      cashRounding: 0,
    })
    expect(pay(1234, ['cash 1234']).payments).toHaveLength(1)
    refused(1234, ['cash 2000'], 'payments', 'no cash', { changeMethod: undefined })
    expect(result(1234, ['cash 1234'], { changeMethod: undefined })).toEqual([1234, 0, 0])
  })

  it('[M31] what a terminal or a till said stays with the payment', () => {
    const payment = { id: 'p', method: 'slip', amount: 10, reference: '0042', job: 'j1' }
    expect(
      settle([payment], { due: 10, cashRounding: null, methods, changeMethod: cash, changeId: 'c' }).payments,
    ).toEqual([{ ...payment, change: false }])
  })

  it('[M32] cards take no more than is due, but for those that may', () => {
    refused(1000, ['card 1001'], 'payments.0.amount', 'only cash gives change')
    refused(1000, ['account 1001'], 'payments.0.amount', 'only cash gives change')
    refused(1000, ['generous 100', 'card 1001'], 'payments.1.amount', 'only cash gives change')
    expect(result(1000, ['generous 1500'])).toEqual([1000, 500, 0])
    expect(result(1000, ['card 900', 'generous 600'])).toEqual([1000, 500, 0])
    refused(1000, ['generous 1500'], 'payments', 'no cash', { changeMethod: undefined })
    // 4.99 is handed out as 5.00.
    expect(result(1001, ['generous 1500'], rounded)).toEqual([1000, 500, -1])
  })

  it('[M33] what is missing is told, in words and in figures', () => {
    refused(1234, ['card 1000'], 'payments', '234 minor units is missing')
    refused(1234, ['card 1000', 'cash 200'], 'payments', '0.34 is missing', { currencyDigits: 2 })
    refused(1234, [], 'payments', '1.234 is missing', { currencyDigits: 3 })
    refused(1234, [], 'payments', '1234 is missing', { currencyDigits: 0 })
    expect(() => pay(1652, ['card 1000', 'cash 500'], rounded)).toThrow(
      expect.objectContaining({ context: expect.objectContaining({ missing: 150 }) }),
    )
  })

  it('[M34] a refund is paid back exactly', () => {
    expect(result(-1992, ['cash -1990'], rounded)).toEqual([-1990, 0, 2])
    expect(result(-1992, ['cash -1995'], { cashRounding: { ...nearest, method: 'up' } })).toEqual([
      -1995, 0, -3,
    ])
    expect(result(-1992, ['card -1992'], rounded)).toEqual([-1992, 0, 0])
    expect(result(-1992, ['card -1000', 'cash -990'], rounded)).toEqual([-1990, 0, 2])
    refused(-1992, ['cash -1900'], 'payments', '92 minor units is still to be paid back')
    refused(-1992, ['cash -2000'], 'payments.0.amount', '8 minor units more than is due is paid back')
    refused(-1992, ['card -2000'], 'payments.0.amount', '8 minor units more than is due is paid back')
    refused(-1992, ['generous -2000'], 'payments.0.amount', '8 minor units more than is due is paid back')
    refused(-1992, [], 'payments', '1992 minor units is still to be paid back')
  })

  it('[M35] money against the direction only where all meet what is due', () => {
    expect(result(-500, ['card -2000', 'cash 1500'])).toEqual([-500, 0, 0])
    expect(result(1000, ['card 3000', 'cash -2000'])).toEqual([1000, 0, 0])
    expect(result(0, ['card 500', 'cash -500'])).toEqual([0, 0, 0])
    expect(result(1001, ['card 3000', 'cash -2000'], rounded)).toEqual([1000, 0, -1])
    refused(-500, ['cash 500'], 'payments.0', 'money comes in on a refund')
    refused(-500, ['card -2000', 'cash 1600'], 'payments.1', 'off by 100 minor units')
    refused(1000, ['card 1000', 'cash -500'], 'payments.1', 'money is paid back on a sale')
    refused(0, ['cash 500'], 'payments.0', 'nothing is due')
    // Cards that leave a coin's share of nothing are still off.
    refused(0, ['card 500', 'generous -498'], 'payments.0', 'nothing is due', rounded)
    refused(1000, ['card 2002', 'generous -1000'], 'payments.1', 'paid back on a sale', rounded)
  })

  it('[M36] a total of 0 needs no payment', () => {
    expect(pay(0, [])).toEqual({ payments: [], paid: 0, change: 0, cashRounding: 0 })
    expect(pay(0, [], rounded)).toEqual({ payments: [], paid: 0, change: 0, cashRounding: 0 })
  })

  it('[M37] what a payment may not be', () => {
    refused(1000, ['cash 500', 'coins 500'], 'payments.1', 'in cash already')
    refused(1000, ['card 1000', 'cash 500'], 'payments.1', 'nothing is left')
    refused(1000, ['generous 1100', 'cash 500'], 'payments.1', 'nothing is left')
    refused(1000, ['cash 0'], 'payments.0.amount', 'zero')
    refused(0, ['cash 0'], 'payments.0.amount', 'zero')
    refused(1000, ['cheque 1000'], 'payments.0.method', 'cheque')
    refused(1000, ['card 500', 'slip 500'], 'payments.1.reference', 'terminal printed')
    expect(result(1000, ['slip 1000 0042'])).toEqual([1000, 0, 0])
    expect(() =>
      settle([{ id: 'p', method: 'slip', amount: 10, reference: ' ' }], {
        due: 10,
        cashRounding: null,
        methods,
        changeMethod: cash,
        changeId: 'c',
      }),
    ).toThrow(expect.objectContaining({ code: 'payment_invalid' }))
  })

  it('[M31] whatever is accepted: rows add up to what was paid, off from what is due by a rounding of cash at most', () => {
    const rows = fc.array(
      fc.tuple(fc.constantFrom('cash', 'card', 'generous', 'account'), fc.integer({ min: -40, max: 400 })),
      { maxLength: 4 },
    )
    let accepted = 0
    fc.assert(
      fc.property(
        fc.integer({ min: -60, max: 300 }),
        rows,
        fc.constantFrom(
          null,
          nearest,
          { ...nearest, method: 'up' as const },
          { ...nearest, method: 'down' as const },
        ),
        (due, given, cashRounding) => {
          const payments = given.map(([by, amount]) => `${by} ${amount}`)
          let settled: ReturnType<typeof pay>
          try {
            settled = pay(due, payments, { cashRounding })
          } catch (error) {
            expect(error).toMatchObject({ code: 'payment_invalid' })
            return
          }
          accepted++
          expect(settled.payments.reduce((all, { amount }) => all + amount, 0)).toBe(settled.paid)
          expect(settled.paid - due).toBe(settled.cashRounding)
          expect(Math.abs(settled.cashRounding)).toBeLessThan(cashRounding === null ? 1 : 5)
          if (cashRounding?.method === 'nearest')
            expect(Math.abs(settled.cashRounding)).toBeLessThanOrEqual(2)
          expect(settled.change).toBeGreaterThanOrEqual(0)
        },
      ),
      { numRuns: 3_000 },
    )
    expect(accepted).toBeGreaterThan(30)
  })
})
