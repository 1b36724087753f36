/** A tip: typed, as a share of the order, or the change that the customer leaves. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { Button } from '../../../parts/button.tsx'
import { Dialog } from '../../../parts/dialog.tsx'
import { say } from '../../../words/say.ts'
import { useTill } from '../../context.ts'
import { Keypad } from '../../parts/keypad.tsx'
import { majorText, minorOf, moneyText, typedAmount } from '../../parts/money.ts'

const percents = [5, 10, 15] as const

export function TipDialog({ change, onClose }: { change: number; onClose: () => void }): JSX.Element {
  const { cart, shelf } = useTill()
  const shop = shelf.shop.value
  const before = cart.state.value.tip
  const without = cart.worked.value.totals.total - cart.worked.value.totals.tip
  const typed = useSignal(before === 0 ? '' : majorText(before, shop.currencyDigits))
  const minor = minorOf(typed.value || '0', shop.currencyDigits) ?? 0
  const take = (amount: number) => {
    cart.change({ tip: amount })
    onClose()
  }
  const quick = [
    ...(change > 0 ? [{ text: say('pay.tip.change'), amount: before + change }] : []),
    ...percents.map((percent) => ({ text: `${percent} %`, amount: Math.round((without * percent) / 100) })),
  ]
  return (
    <Dialog title={say('pay.tip')} onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          take(minor)
        }}
      >
        <div class="choices">
          {quick.map(({ amount, text }) => (
            <button key={text} type="button" class="choice" onClick={() => take(amount)}>
              <span>{text}</span>
              <b class="amount">{moneyText(amount, shop)}</b>
            </button>
          ))}
        </div>
        <output class="big-number amount">{moneyText(minor, shop)}</output>
        <Keypad
          label={say('pay.keys')}
          corner="decimal"
          onKey={(key) => {
            typed.value = typedAmount(typed.value, key, shop.currencyDigits)
          }}
        />
        <div class="actions grow">
          <Button size="big" disabled={before === 0} onPress={() => take(0)}>
            {say('pay.tip.none')}
          </Button>
          <Button size="big" look="main" onPress={() => take(minor)}>
            {say('common.save')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
