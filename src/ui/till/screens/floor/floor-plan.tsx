/** One floor as it looks: free tables, tables with an order, and who has one in hand. */
import type { JSX } from 'preact'
import type { Table } from '../../../../protocol/till/catalogue.ts'
import { ageText } from '../../../parts/time.ts'
import { say } from '../../../words/say.ts'
import { useTill } from '../../context.ts'
import { moneyText } from '../../parts/money.ts'

/** Where a table stands, in percent of the plan; turned round with the page for languages from right to left. */
export const placeOf = ({ height, width, x, y }: Pick<Table, 'height' | 'width' | 'x' | 'y'>) => ({
  insetInlineStart: `${x}%`,
  insetBlockStart: `${y}%`,
  width: `${width}%`,
  height: `${height}%`,
})

export function FloorPlan({
  floor,
  onTable,
}: {
  floor: string
  onTable: (table: string) => void
}): JSX.Element {
  const { cart, clock, sales, shelf } = useTill()
  const shop = shelf.shop.value
  const inHand = cart.state.value
  const tables = shelf.all('table').filter((table) => table.floor === floor && table.active)
  if (tables.length === 0) return <p class="hint">{say('floor.no_tables')}</p>
  return (
    <ul class="floor-plan">
      {tables.map((table) => {
        const mine = inHand.table === table.id && inHand.lines.length > 0
        const order = sales.parked.value.find((each) => each.table === table.id)
        const total = mine ? moneyText(inHand.lines.length === 0 ? 0 : cartTotal(cart), shop) : undefined
        const state = mine ? 'mine' : order === undefined ? 'free' : order.heldBy === null ? 'open' : 'held'
        const words =
          state === 'mine'
            ? say('floor.mine')
            : order === undefined
              ? say('floor.free', { count: table.seats })
              : (order.heldBy ?? ageText(clock.now.value - Date.parse(order.at)))
        return (
          <li key={table.id} style={placeOf(table)}>
            <button
              type="button"
              class={`table-button is-${state}${table.round ? ' is-round' : ''}`}
              onClick={() => onTable(table.id)}
            >
              <strong>{table.name}</strong>
              {(total ?? (order && moneyText(order.total, shop))) !== undefined && (
                <span class="amount">{total ?? (order && moneyText(order.total, shop))}</span>
              )}
              <small>{words}</small>
            </button>
          </li>
        )
      })}
    </ul>
  )
}

const cartTotal = ({ worked }: { worked: { value: { due: number } } }): number => worked.value.due
