/** What is asked before a product can be sold: which variant, which price; and what to do with a code that nobody knows. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { Product } from '../../../../protocol/till/catalogue.ts'
import { Button } from '../../../parts/button.tsx'
import { Dialog } from '../../../parts/dialog.tsx'
import { say } from '../../../words/say.ts'
import { useActions, useTill } from '../../context.ts'
import type { LineChange } from '../../contract.ts'
import { Keypad } from '../../parts/keypad.tsx'
import { amountText, decimalSign, decimalText, majorText, minorOf, typedAmount } from '../../parts/money.ts'
import type { Selling } from './asking.ts'

export interface ProductDialogProps {
  selling: Selling
  product: Product
  more: LineChange
}

export function VariantDialog({
  selling,
  products,
}: {
  selling: Selling
  products: readonly Product[]
}): JSX.Element {
  const { shelf } = useTill()
  const digits = shelf.shop.value.currencyDigits
  const title = products[0]?.name ?? ''
  return (
    <Dialog title={title} onClose={selling.done}>
      <ul class="choices">
        {products.map((product) => (
          <li key={product.id}>
            <button type="button" class="choice" onClick={() => selling.add(product)}>
              <span>{product.attributes.map(({ value }) => value).join(' · ') || product.name}</span>
              <b class="amount">{decimalText(product.price, digits)}</b>
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  )
}

export function PriceDialog({ selling, product, more }: ProductDialogProps): JSX.Element {
  const { shelf } = useTill()
  const digits = shelf.shop.value.currencyDigits
  const typed = useSignal('')
  const minor = minorOf(typed.value, digits)
  const put = () => {
    if (minor !== undefined) selling.put(product, { ...more, price: majorText(minor, digits) })
  }
  return (
    <Dialog title={product.name} onClose={selling.done}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          put()
        }}
      >
        <label class="field">
          <span class="label">{say('sell.price.which')}</span>
          <input
            class="big-number amount"
            type="text"
            inputMode="none"
            autofocus
            value={typed.value.replace('.', decimalSign())}
            placeholder={amountText(0, digits)}
            onInput={(event) => {
              typed.value = event.currentTarget.value.replace(',', '.')
            }}
          />
        </label>
        <Keypad
          label={say('sell.keys')}
          corner="decimal"
          onKey={(key) => {
            typed.value = typedAmount(typed.value, key, digits)
          }}
        />
        <Button size="big" look="main" disabled={minor === undefined} onPress={put}>
          {say('sell.put')}
        </Button>
      </form>
    </Dialog>
  )
}

export const otherLimits = {
  /** Products among which one with an open price is looked for. */
  looked: 500,
  /** Of the code, for whoever enters it later. */
  noteChars: 60,
} as const

/** Sold all the same at a price, searched for, or left: the code is told, so that somebody can enter it later. */
export function UnknownDialog({ selling, code }: { selling: Selling; code: string }): JSX.Element {
  const { shelf, toasts } = useTill()
  const { attempt } = useActions()
  const sellOther = () =>
    attempt(async () => {
      const found = await shelf.search({ text: '', limit: otherLimits.looked })
      const open = found.find(({ openPrice }) => openPrice)
      selling.done()
      if (open === undefined) toasts.show({ tone: 'bad', text: say('sell.unknown.no_other') })
      else selling.add(open, { note: code.slice(0, otherLimits.noteChars) })
    })
  return (
    <Dialog title={say('sell.unknown')} onClose={selling.done}>
      <p>
        {say('sell.unknown.text')} <code class="unknown-code">{code}</code>
      </p>
      <div class="actions grow">
        <Button size="big" onPress={selling.done}>
          {say('sell.unknown.leave')}
        </Button>
        <Button
          size="big"
          onPress={() => {
            selling.done()
            selling.text.value = ''
            selling.searching.value++
          }}
        >
          {say('sell.unknown.search')}
        </Button>
        <Button size="big" look="main" onPress={sellOther}>
          {say('sell.unknown.other')}
        </Button>
      </div>
    </Dialog>
  )
}
