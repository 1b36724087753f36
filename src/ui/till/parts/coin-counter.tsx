/** Counting a drawer by coins and notes: one row for each, the sum as one goes. */
import type { JSX } from 'preact'
import type { Coins } from '../../../protocol/till/session.ts'
import { coinSum, denominations } from '../../../till/engine/coins.ts'
import { say } from '../../words/say.ts'
import { useTill } from '../context.ts'
import { moneyText } from './money.ts'

const countMax = 1_000_000

interface CoinCounterProps {
  coins: Coins
  onChange: (coins: Coins) => void
}

export function CoinCounter({ coins, onChange }: CoinCounterProps): JSX.Element {
  const { shelf } = useTill()
  const shop = shelf.shop.value
  const set = (value: number, count: number) => {
    const next = { ...coins }
    if (count <= 0) delete next[String(value)]
    else next[String(value)] = Math.min(count, countMax)
    onChange(next)
  }
  return (
    <div class="coin-counter">
      <ul>
        {denominations(shop.currency, shop.currencyDigits).map((value) => {
          const name = moneyText(value, shop)
          const count = coins[String(value)] ?? 0
          return (
            <li key={value}>
              <span class="amount">{name}</span>
              <button
                type="button"
                class="key"
                aria-label={say('start.coins.fewer', { name })}
                disabled={count === 0}
                onClick={() => set(value, count - 1)}
              >
                −
              </button>
              <input
                type="text"
                inputMode="numeric"
                class="amount"
                aria-label={say('start.coins.count', { name })}
                value={count === 0 ? '' : String(count)}
                placeholder="0"
                onInput={(event) => set(value, Number.parseInt(event.currentTarget.value, 10) || 0)}
              />
              <button
                type="button"
                class="key"
                aria-label={say('start.coins.more', { name })}
                onClick={() => set(value, count + 1)}
              >
                +
              </button>
              <b class="amount">{count === 0 ? '' : moneyText(value * count, shop)}</b>
            </li>
          )
        })}
      </ul>
      <p class="coin-sum" role="status">
        <span>{say('start.coins.sum')}</span>
        <strong class="amount">{moneyText(coinSum(coins), shop)}</strong>
      </p>
    </div>
  )
}
