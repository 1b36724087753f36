/** Steps of the cart taken back. */
import { describe, expect, it } from 'vitest'
import type { CartState } from '../../src/ui/till/contract.ts'
import { onlyLine, openCart, press, told } from './ui-cart-support.ts'

describe('undo', () => {
  it('[TUC9] goes 50 steps back, whatever they were; a number that was typed is one', async () => {
    const { add, bench, cart, product } = await openCart()
    const [ines, wine] = [await bench.catalogue.customer('ines'), await product('wine')]
    const line = await add('bread')
    const seen: CartState[] = []
    for (let round = 0; round < 10; round++)
      for (const step of [
        () => press(cart, `${round + 2}1`),
        () => cart.change({ customer: round % 2 === 0 ? ines : null, tip: round }),
        () => cart.changeLine(line, { internalNote: `kitchen ${round}` }),
        () => cart.add(wine),
        () => cart.select(line),
        () => cart.removeLine(cart.state.value.lines.at(-1)?.id ?? ''),
      ]) {
        if (cart.state.value !== seen.at(-1)) seen.push(cart.state.value)
        step()
      }
    expect(seen).toHaveLength(50)
    for (const state of seen.reverse()) {
      cart.undo()
      expect(cart.state.value).toEqual(state)
    }
    expect(cart.canUndo.value).toBe(true)
    cart.undo()
    expect([cart.empty.value, cart.canUndo.value]).toEqual([true, false])
    cart.undo()
  })

  it('[TUC9] another order has nothing to undo', async () => {
    const { add, cart } = await openCart()
    await add('bread')
    const kept = cart.state.value
    await add('wine')
    cart.load(kept)
    expect([cart.canUndo.value, told(cart), cart.selected.value]).toEqual([
      false,
      ['1 bread'],
      onlyLine(cart).id,
    ])
    cart.fresh()
    expect([cart.empty.value, cart.state.value.id]).not.toContain(kept.id)
  })
})
