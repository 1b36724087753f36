/** Weighing: the scale's weight as it stands, a tare for the packing, and a fresh weight or an error, never an old one. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { newId } from '../../../../protocol/client-core.ts'
import type { Weight } from '../../../../protocol/device.ts'
import { Button } from '../../../parts/button.tsx'
import { Dialog } from '../../../parts/dialog.tsx'
import { say } from '../../../words/say.ts'
import { useActions, useTill } from '../../context.ts'
import { Group } from '../../parts/group.tsx'
import { Keypad } from '../../parts/keypad.tsx'
import { decimalSign, decimalText, moneyText, typedAmount } from '../../parts/money.ts'
import type { ProductDialogProps } from './product-dialogs.tsx'

const weightDigits = 3
const tares = ['0', '0.005', '0.010', '0.020', '0.050'] as const

export function WeighDialog({ selling, product, more }: ProductDialogProps): JSX.Element {
  const { desk, link, shelf } = useTill()
  const { attempt } = useActions()
  const register = desk.register.value
  const scale = register?.scale
  const online = link.stage.value === 'online'
  const weight = useSignal<Weight | undefined>(undefined)
  const tare = useSignal('0')
  const byHand = useSignal(false)
  const typed = useSignal('')
  const unit = shelf.get('unit', product.unit)?.name ?? product.unit
  useEffect(() => {
    if (scale === undefined || !online) return
    link.call('scale.read', { device: scale }).then(
      (read) => {
        weight.value ??= read
      },
      () => undefined,
    )
    return link.subscribe(['scale.weight'], (event) => {
      if (event.device === scale) weight.value = event.data
    })
  }, [link, online, scale, weight])
  const canWeigh = scale !== undefined && online
  const mayType = desk.may(register?.weighOnly ? 'manager' : 'minimal')
  const weigh = () =>
    attempt(async () => {
      if (register === undefined) return
      const weighed = await link.call('till.weigh', {
        id: newId(),
        register: register.id,
        product: product.id,
        tare: tare.value,
        ...(desk.login.value !== undefined && { login: desk.login.value }),
      })
      selling.put(product, { ...more, quantity: weighed.net, weighing: weighed.weighing })
    })
  const put = () => {
    if (Number(typed.value) > 0) selling.put(product, { ...more, quantity: typed.value.replace(/\.$/, '') })
  }
  return (
    <Dialog title={product.name} onClose={selling.done}>
      {canWeigh && !byHand.value ? (
        <div class="stack">
          <p class="weight-now amount" role="status">
            {weight.value === undefined
              ? '—'
              : `${decimalText(weight.value.weight, weightDigits)} ${weight.value.unit}`}
            <small>
              {weight.value === undefined
                ? say('sell.weigh.nothing')
                : weight.value.stable
                  ? say('sell.weigh.stable')
                  : say('sell.weigh.moving')}
            </small>
          </p>
          <p class="hint">
            {moneyText(
              Math.round(Number(product.price) * 10 ** shelf.shop.value.currencyDigits),
              shelf.shop.value,
            )}{' '}
            / {unit}
          </p>
          <Group class="chips" label={say('sell.weigh.tare')}>
            {tares.map((each) => (
              <button
                key={each}
                type="button"
                class="chip"
                aria-pressed={tare.value === each}
                onClick={() => {
                  tare.value = each
                }}
              >
                {each === '0' ? say('sell.weigh.no_tare') : `−${decimalText(each, weightDigits)} ${unit}`}
              </button>
            ))}
          </Group>
          <div class="actions grow">
            {mayType && (
              <Button
                size="big"
                onPress={() => {
                  byHand.value = true
                }}
              >
                {say('sell.weigh.by_hand')}
              </Button>
            )}
            <Button size="big" look="main" onPress={weigh}>
              {say('sell.weigh')}
            </Button>
          </div>
        </div>
      ) : (
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault()
            put()
          }}
        >
          <p class="hint">
            {mayType
              ? canWeigh
                ? say('sell.weigh.typed')
                : say('sell.weigh.no_scale')
              : say('till.needs_right', { right: say('till.right.manager') })}
          </p>
          <output class="big-number amount">
            {typed.value.replace('.', decimalSign()) || '0'} {unit}
          </output>
          <Keypad
            label={say('sell.keys')}
            corner="decimal"
            disabled={!mayType}
            onKey={(key) => {
              typed.value = typedAmount(typed.value, key, weightDigits)
            }}
          />
          <Button size="big" look="main" disabled={!mayType || Number(typed.value) <= 0} onPress={put}>
            {say('sell.put')}
          </Button>
        </form>
      )}
    </Dialog>
  )
}
