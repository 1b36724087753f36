/** Lots and serial numbers of what is sold: typed or scanned, one after the other. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { Button } from '../../../parts/button.tsx'
import { Dialog } from '../../../parts/dialog.tsx'
import { say } from '../../../words/say.ts'
import { useTill } from '../../context.ts'
import type { ProductDialogProps } from './product-dialogs.tsx'

const lotCharsMax = 60

interface LotsDialogProps extends ProductDialogProps {
  /** The line whose numbers they are; undefined: it is put in with them. */
  line: string | undefined
}

export function LotsDialog({ line, more, product, selling }: LotsDialogProps): JSX.Element {
  const { cart, scanner, sounds } = useTill()
  const lots = useSignal<readonly string[]>(more.lots ?? [])
  const typed = useSignal('')
  const add = (text: string) => {
    const lot = text.trim().slice(0, lotCharsMax)
    if (lot === '' || lots.value.includes(lot)) return sounds.play('unknown')
    lots.value = product.tracking === 'lot' ? [lot] : [...lots.value, lot]
    typed.value = ''
    sounds.play('ok')
  }
  useEffect(() => scanner.onScan(add), [scanner])
  const put = () => {
    if (typed.value.trim() !== '') add(typed.value)
    const quantity = product.tracking === 'serial' ? String(Math.max(1, lots.value.length)) : more.quantity
    const change = { ...more, lots: lots.value, ...(quantity !== undefined && { quantity }) }
    if (line === undefined) return selling.put(product, change)
    cart.changeLine(line, change)
    selling.done()
  }
  return (
    <Dialog title={product.name} onClose={selling.done}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          if (typed.value.trim() === '') put()
          else add(typed.value)
        }}
      >
        <label class="field">
          <span class="label">
            {product.tracking === 'serial' ? say('sell.lots.serial') : say('sell.lots.lot')}
          </span>
          <input
            type="text"
            class="code"
            autofocus
            autocomplete="off"
            maxLength={lotCharsMax}
            value={typed.value}
            onInput={(event) => {
              typed.value = event.currentTarget.value
            }}
          />
        </label>
        <ul class="lots">
          {lots.value.map((lot) => (
            <li key={lot}>
              <code>{lot}</code>
              <Button
                look="quiet"
                icon="close"
                label={say('sell.line.remove', { name: lot })}
                onPress={() => {
                  lots.value = lots.value.filter((other) => other !== lot)
                }}
              />
            </li>
          ))}
        </ul>
        <Button size="big" look="main" onPress={put}>
          {lots.value.length === 0 && typed.value === '' ? say('sell.lots.later') : say('sell.put')}
        </Button>
      </form>
    </Dialog>
  )
}
