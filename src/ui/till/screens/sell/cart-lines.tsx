/** The lines of the order: what, how many, at which price; the one that the keys write to is marked. */
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { OrderLine } from '../../../../protocol/till/order.ts'
import { Icon } from '../../../parts/icon.tsx'
import { say } from '../../../words/say.ts'
import { useTill } from '../../context.ts'
import { TillIcon } from '../../parts/icons.tsx'
import { decimalText, moneyText } from '../../parts/money.ts'
import type { Selling } from './asking.ts'
import { memo } from './memo.ts'

export function CartLines({ selling }: { selling: Selling }): JSX.Element {
  const { cart, sales, shelf } = useTill()
  const list = useRef<HTMLUListElement>(null)
  const { lines } = cart.worked.value
  const selected = cart.selected.value
  const fixed = cart.state.value.refund
  useEffect(() => {
    list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' })
  }, [selected, lines.length])
  if (lines.length === 0) {
    const last = sales.last.value
    return (
      <div class="cart-empty">
        <TillIcon name="basket" size={40} />
        <p>{say('sell.empty')}</p>
        {last !== null && (
          <p class="hint">
            {say('sell.last', {
              amount: moneyText(
                last.kind === 'filed' ? last.sold.change : last.sale.change,
                shelf.shop.value,
              ),
            })}
          </p>
        )}
      </div>
    )
  }
  return (
    <ul class="cart-lines" ref={list}>
      {lines.map((line) => (
        <Line key={line.id} line={line} selected={line.id === selected} fixed={fixed} selling={selling} />
      ))}
    </ul>
  )
}

interface LineProps {
  line: OrderLine
  selected: boolean
  /** A refund: nothing of it can be changed. */
  fixed: boolean
  selling: Selling
}

const shown = [
  'name',
  'quantity',
  'unit',
  'price',
  'discount',
  'gross',
  'note',
  'internalNote',
  'course',
] as const

/** The engine makes all lines anew with each key; those that look as before are not drawn again. */
const Line = memo(
  DrawnLine,
  (before: LineProps, after: LineProps) =>
    before.selected === after.selected &&
    before.fixed === after.fixed &&
    shown.every((field) => before.line[field] === after.line[field]) &&
    before.line.lots.join() === after.line.lots.join(),
)

function DrawnLine({ fixed, line, selected, selling }: LineProps): JSX.Element {
  const { cart, shelf } = useTill()
  const shop = shelf.shop.value
  const { course, discount, gross, internalNote, kind, lots, name, note, price, quantity, unit } = line
  const unitName = unit === 'piece' ? '' : ` ${shelf.get('unit', unit)?.name ?? unit}`
  const priceText = decimalText(price, shop.currencyDigits)
  const item = kind === 'item'
  const details = [
    course === undefined ? '' : say('sell.course', { number: course }),
    lots.length === 0 ? '' : lots.join(', '),
    note ?? '',
    internalNote === undefined ? '' : `(${internalNote})`,
  ].filter((text) => text !== '')
  return (
    <li class={`cart-line kind-${kind}`} aria-current={selected || undefined}>
      <button
        type="button"
        class="cart-line-main"
        disabled={!item}
        onClick={() => cart.select(line.id)}
        onDblClick={() => selling.ask({ what: 'line', line: line.id })}
      >
        <span class="cart-line-name">{name}</span>
        <span class="cart-line-sum amount">
          {discount === '100' ? say('sell.free') : moneyText(gross, shop)}
        </span>
        {item && (
          <span class="cart-line-how">
            <b>
              {decimalText(quantity)}
              {unitName}
            </b>{' '}
            × {priceText}
            {Number(discount) !== 0 && <em> −{decimalText(discount)} %</em>}
          </span>
        )}
        {details.length > 0 && <span class="cart-line-note">{details.join(' · ')}</span>}
      </button>
      {selected && item && !fixed && (
        <span class="cart-line-tools">
          <button
            type="button"
            aria-label={say('sell.line.edit', { name })}
            onClick={() => selling.ask({ what: 'line', line: line.id })}
          >
            <Icon name="pencil" size={22} />
          </button>
          <button
            type="button"
            aria-label={say('sell.line.remove', { name })}
            onClick={() => cart.removeLine(line.id)}
          >
            <Icon name="trash" size={22} />
          </button>
        </span>
      )}
    </li>
  )
}
