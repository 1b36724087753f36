/** Money typed with `,` or `.`: minor units come out, undefined while it is no amount. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useId } from 'preact/hooks'
import { useTill } from '../context.ts'
import { amountText, decimalSign, minorOf } from './money.ts'

interface AmountFieldProps {
  label: string
  /** What it begins with. */
  initial: number | undefined
  onAmount: (minor: number | undefined) => void
  hint?: string
  error?: string | undefined
  autofocus?: boolean
}

export function AmountField({
  autofocus,
  error,
  hint,
  initial,
  label,
  onAmount,
}: AmountFieldProps): JSX.Element {
  const { shelf } = useTill()
  const digits = shelf.shop.value.currencyDigits
  const id = useId()
  const typed = useSignal(initial === undefined ? '' : amountText(initial, digits))
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="text"
        inputMode="decimal"
        class="big-number amount"
        autocomplete="off"
        autofocus={autofocus}
        placeholder={`0${decimalSign()}${'0'.repeat(digits)}`}
        value={typed.value}
        aria-invalid={error !== undefined || undefined}
        aria-describedby={error === undefined ? undefined : `${id}-error`}
        onFocus={(event) => event.currentTarget.select()}
        onInput={(event) => {
          typed.value = event.currentTarget.value
          onAmount(minorOf(typed.value, digits))
        }}
      />
      {error !== undefined && (
        <p class="field-error" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
      {hint !== undefined && <p class="hint">{hint}</p>}
    </div>
  )
}
