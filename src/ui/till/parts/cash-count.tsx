/** Counted cash: one sum, or coin by coin. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { Coins } from '../../../protocol/till/session.ts'
import { coinSum } from '../../../till/engine/coins.ts'
import { Button } from '../../parts/button.tsx'
import { say } from '../../words/say.ts'
import { AmountField } from './amount-field.tsx'
import { CoinCounter } from './coin-counter.tsx'

export interface Counted {
  /** undefined while what was typed is no amount. */
  sum: number | undefined
  /** Where it was counted coin by coin. */
  coins?: Coins
}

interface CashCountProps {
  label: string
  initial: number | undefined
  onCount: (counted: Counted) => void
}

export function CashCount({ initial, label, onCount }: CashCountProps): JSX.Element {
  const coins = useSignal<Coins | null>(null)
  const count = (next: Coins) => {
    coins.value = next
    onCount({ sum: coinSum(next), coins: next })
  }
  const byCoins = coins.value !== null
  return (
    <>
      {coins.value === null ? (
        <AmountField
          label={label}
          initial={initial}
          autofocus
          onAmount={(minor) => onCount({ sum: minor !== undefined && minor >= 0 ? minor : undefined })}
        />
      ) : (
        <CoinCounter coins={coins.value} onChange={count} />
      )}
      <Button
        onPress={() => {
          if (!byCoins) return count({})
          coins.value = null
          onCount({ sum: initial })
        }}
      >
        {byCoins ? say('start.coins.not') : say('start.coins')}
      </Button>
    </>
  )
}
