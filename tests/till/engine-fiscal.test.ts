/** Which taxes a line bears: fiscal positions, groups, and the order of computing. */
import { describe, expect, it } from 'vitest'
import type { FiscalPosition, Tax } from '../../src/protocol/till/catalogue.ts'
import { resolveTaxes } from '../../src/till/engine/fiscal.ts'
import { tax } from './engine-shop-support.ts'

const known =
  (...taxes: Tax[]) =>
  (id: string) =>
    taxes.find((one) => one.id === id)
const ids = (taxes: Tax[]) => taxes.map(({ id }) => id)
const position = (taxes: FiscalPosition['taxes']): FiscalPosition => ({ id: 'abroad', name: 'Abroad', taxes })

describe('fiscal positions', () => {
  const taxOf = known(tax('a'), tax('b'), tax('c'), tax('d'))

  it('[M65] maps to one, several or none; what it does not name stays', () => {
    expect(ids(resolveTaxes(['a', 'b'], null, taxOf))).toEqual(['a', 'b'])
    expect(ids(resolveTaxes(['a', 'b'], position([]), taxOf))).toEqual(['a', 'b'])
    expect(ids(resolveTaxes(['a', 'b'], position([{ from: 'a', to: ['c', 'd'] }]), taxOf))).toEqual([
      'b',
      'c',
      'd',
    ])
    expect(ids(resolveTaxes(['a', 'b'], position([{ from: 'a', to: [] }]), taxOf))).toEqual(['b'])
    expect(ids(resolveTaxes(['a', 'b'], position(null), taxOf))).toEqual([])
  })

  it('[M65] two rows for one tax add up, and what was mapped is not mapped again', () => {
    const rows = position([
      { from: 'a', to: ['b'] },
      { from: 'a', to: ['c'] },
      { from: 'b', to: ['d'] },
    ])
    expect(ids(resolveTaxes(['a'], rows, taxOf))).toEqual(['b', 'c'])
  })
})

describe('groups and order', () => {
  it('[M66] by sequence, then id; numbers as numbers', () => {
    const taxOf = known(tax('x', { sequence: 2 }), tax('10'), tax('9'), tax('y', { sequence: 1 }))
    expect(ids(resolveTaxes(['x', '10', 'y', '9'], null, taxOf))).toEqual(['9', '10', 'y', 'x'])
  })

  it('[M66] a group stands at its own place, groups in it too, and no tax counts twice', () => {
    const group = (id: string, sequence: number, children: string[]) =>
      tax(id, { kind: 'group', sequence, children })
    const taxOf = known(
      group('g', 1, ['late', 'h', 'early']),
      group('h', 2, ['inner']),
      tax('late', { sequence: 9 }),
      tax('early'),
      tax('inner'),
      tax('first'),
      tax('last', { sequence: 2 }),
    )
    expect(ids(resolveTaxes(['last', 'g', 'first', 'inner'], null, taxOf))).toEqual([
      'first',
      'inner',
      'early',
      'late',
      'last',
    ])
  })

  it('[M66] a group that holds itself and a tax that is not there are named', () => {
    const taxOf = known(
      tax('g', { kind: 'group', children: ['h'] }),
      tax('h', { kind: 'group', children: ['g'] }),
    )
    expect(() => resolveTaxes(['g'], null, taxOf)).toThrow(/g > h > g.*till_invalid/)
    expect(() => resolveTaxes(['gone'], null, taxOf)).toThrow(/no tax gone.*till_unknown/)
  })
})
