/** Orders out of a seed: always the same ones, of every kind that the rules tell apart. */
import type { WorkedLine, WorkedOrder, WorkedTax } from './worked-order.ts'

/** mulberry32: small, and the same everywhere. Answers whole numbers from 0 to below `end`. */
function dice(seed: number): (end: number) => number {
  let state = seed >>> 0
  return (end) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % end
  }
}

const percent = (id: string, amount: string, more: Partial<WorkedTax> = {}): WorkedTax => ({
  id,
  kind: 'percent',
  amount,
  ...more,
})
const fixed = (id: string, amount: string, more: Partial<WorkedTax> = {}): WorkedTax => ({
  id,
  kind: 'fixed',
  amount,
  ...more,
})
const included = { included: true }
const raises = { affectsBase: true }

/** The ways a shop may be taxed: definitions, and the combinations that its products bear. */
export const taxWorlds: Readonly<Record<string, { taxes: WorkedTax[]; combinations: string[][] }>> = {
  included: {
    taxes: [percent('v21', '21', included), percent('v9', '9', included), percent('v0', '0', included)],
    combinations: [['v21'], ['v9'], ['v0']],
  },
  excluded: {
    taxes: [percent('v20', '20'), percent('v55', '5.5'), percent('v0', '0')],
    combinations: [['v20'], ['v55'], ['v0'], []],
  },
  mixed: {
    taxes: [percent('v19', '19', included), percent('city', '1.375')],
    combinations: [['v19'], ['city'], ['v19', 'city'], []],
  },
  'two at once, included': {
    taxes: [percent('gst', '5', included), percent('pst', '9.975', included)],
    combinations: [['gst', 'pst'], ['gst'], []],
  },
  'two at once, excluded': {
    taxes: [percent('gst', '5'), percent('pst', '9.975')],
    combinations: [['gst', 'pst'], ['pst']],
  },
  'tax on tax, excluded': {
    taxes: [percent('excise', '10', raises), percent('vat', '17')],
    combinations: [['excise', 'vat'], ['vat']],
  },
  'tax on tax, included': {
    taxes: [percent('excise', '10', { ...included, ...raises }), percent('vat', '17', included)],
    combinations: [['excise', 'vat'], ['vat']],
  },
  'not on tax': {
    taxes: [percent('excise', '10', raises), percent('vat', '17', { baseAffected: false })],
    combinations: [['excise', 'vat']],
  },
  'eco fee, included': {
    taxes: [fixed('eco', '0.25', { ...included, ...raises }), percent('v21', '21', included)],
    combinations: [['eco', 'v21'], ['v21']],
  },
  'eco fee, excluded': {
    taxes: [fixed('eco', '0.1375', raises), percent('v21', '21')],
    combinations: [['eco', 'v21'], ['v21'], ['eco']],
  },
  'eco fee apart': {
    taxes: [fixed('eco', '0.40'), percent('v7', '7')],
    combinations: [['eco', 'v7'], ['v7']],
  },
  division: {
    taxes: [{ id: 'icms', kind: 'division', amount: '18' }, percent('fee', '2')],
    combinations: [['icms'], ['fee'], []],
  },
  'division, included': {
    taxes: [
      { id: 'icms', kind: 'division', amount: '18', ...included },
      { id: 'pis', kind: 'division', amount: '1.65', ...included },
    ],
    combinations: [['icms', 'pis'], ['icms']],
  },
  'reverse charge': {
    taxes: [percent('eu', '21', { reverseCharge: true }), percent('v21', '21')],
    combinations: [['eu'], ['v21']],
  },
  'division, on top, two': {
    taxes: [
      { id: 'icms', kind: 'division', amount: '18' },
      { id: 'pis', kind: 'division', amount: '7.6' },
    ],
    combinations: [['icms', 'pis'], ['pis']],
  },
  'eco fee in the price, apart': {
    taxes: [fixed('eco', '0.15', included), percent('v19', '19', included)],
    combinations: [['eco', 'v19'], ['v19']],
  },
  'three deep': {
    taxes: [percent('a', '5', raises), percent('b', '7.5', raises), percent('c', '12')],
    combinations: [
      ['a', 'b', 'c'],
      ['b', 'c'],
      ['a', 'c'],
    ],
  },
  'three deep, included': {
    taxes: [
      percent('a', '5', { ...included, ...raises }),
      percent('b', '7.5', { ...included, ...raises }),
      percent('c', '12', included),
    ],
    combinations: [['a', 'b', 'c'], ['b', 'c'], ['a', 'c'], ['c']],
  },
  'raised from inside the price': {
    taxes: [percent('v10', '10', { ...included, ...raises }), percent('city', '2')],
    combinations: [['v10', 'city'], ['v10'], ['city']],
  },
  groups: {
    taxes: [
      { id: 'both', kind: 'group', amount: '0', children: ['vat', 'excise'], sequence: 1 },
      percent('excise', '10', { ...raises, sequence: 1 }),
      percent('vat', '17', { sequence: 2 }),
      percent('city', '1.375', { baseAffected: false, sequence: 3 }),
    ],
    combinations: [['city', 'both'], ['both'], ['vat']],
  },
  none: { taxes: [], combinations: [[]] },
}

export function generateOrder(seed: number): WorkedOrder {
  const roll = dice(seed * 7_919 + 17)
  const pick = <T>(values: readonly T[]): T => values[roll(values.length)]!
  const names = Object.keys(taxWorlds)
  const world = names[seed % names.length]!
  const { taxes, combinations } = taxWorlds[world]!
  const digits = pick([2, 2, 2, 2, 2, 0, 3])
  const priceDigits = pick([digits, digits, digits, 4])
  const refund = roll(8) === 0
  const lines = Array.from({ length: 1 + roll(9) }, (_, index) => {
    const weighed = roll(4) === 0
    const size = weighed ? (roll(4_000) + 1) / 1_000 : 1 + roll(9)
    // A return now and then among what is sold, and all of them in a refund.
    const quantity = refund || roll(12) === 0 ? -size : size
    const price = (roll(10 ** (2 + priceDigits)) / 10 ** priceDigits).toFixed(priceDigits)
    const line: WorkedLine = {
      id: `l${String(index).padStart(2, '0')}`,
      quantity: String(quantity),
      price,
      taxes: pick(combinations),
    }
    if (roll(3) === 0) line.discount = pick(['5', '10', '12.5', '33.33', '50', '100'])
    if (roll(4) === 0) line.listPrice = (Number(price) + roll(300) / 100).toFixed(priceDigits)
    return line
  })
  const order: WorkedOrder = {
    name: `${seed}: ${world}`,
    digits,
    rounding: roll(3) === 0 ? 'per-line' : 'per-tax',
    taxes,
    lines,
  }
  if (roll(3) === 0) order.discount = pick(['3', '10', '15', '7.5', '25'])
  if (!refund && roll(5) === 0) {
    order.tip = 1 + roll(1_000)
    // A service charge that tax is due on: where tags hold the taxes, so does the tip.
    if (world === 'included' || world === 'tax on tax, included') order.tipTaxes = combinations[0]!
  }
  if (roll(2) === 0) {
    order.cashRounding = {
      step: pick([5, 10, 50, 25]),
      method: pick(['up', 'down', 'nearest'] as const),
      cashOnly: roll(2) === 0,
    }
  }
  return order
}

/**
 * How the order is paid when `due` is known: all by card, in cash with or without change, or both. Cash comes in coins that
 * there are; a refund is paid back exactly. `inCash` is what a rest becomes in cash.
 */
export function generatePayments(
  seed: number,
  due: number,
  order: WorkedOrder,
  inCash: (rest: number) => number,
): NonNullable<WorkedOrder['payments']> {
  const roll = dice(seed * 104_729 + 3)
  if (due === 0) return []
  const sign = Math.sign(due)
  const part = roll(3) === 0 ? 0 : sign * roll(Math.abs(due))
  const byCard = roll(4) === 0 ? due : part
  const rest = inCash(due - byCard)
  const step = order.cashRounding?.step ?? 1
  const more = rest > 0 && roll(2) === 0 ? (1 + roll(20)) * 2 * step : 0
  return [
    ...(byCard === 0 ? [] : [{ kind: 'card' as const, amount: byCard }]),
    ...(rest === 0 ? [] : [{ kind: 'cash' as const, amount: rest + more }]),
  ]
}
