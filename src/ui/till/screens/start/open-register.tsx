/** Opening: the cash in the drawer is counted, as one sum or coin by coin, and told apart from what was left there. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { Button } from '../../../parts/button.tsx'
import { TextField } from '../../../parts/field.tsx'
import { say } from '../../../words/say.ts'
import { useActions, useTill } from '../../context.ts'
import { CashCount, type Counted } from '../../parts/cash-count.tsx'
import { moneyText } from '../../parts/money.ts'

export function OpenRegister(): JSX.Element {
  const { desk, link, screen, settings, shelf } = useTill()
  const { attempt } = useActions()
  const expected = desk.openingExpected.value
  const counted = useSignal<Counted>({ sum: expected })
  const note = useSignal('')
  const shop = shelf.shop.value
  const online = link.stage.value === 'online'
  const may = desk.may('cashier')
  const { coins, sum } = counted.value
  const difference = (sum ?? 0) - expected
  const open = () =>
    attempt(async () => {
      if (sum === undefined) return
      await desk.open(sum, {
        ...(coins !== undefined && { coins }),
        ...(note.value.trim() !== '' && { note: note.value.trim() }),
      })
      screen.value = settings.startOnFloor.value && desk.register.value?.restaurant ? 'floor' : 'sell'
    })
  return (
    <form
      class="start-card card stack"
      onSubmit={(event) => {
        event.preventDefault()
        if (sum !== undefined && may && online) void open()
      }}
    >
      <h1>{say('start.open', { name: desk.register.value?.name ?? '' })}</h1>
      <p class="hint">{say('start.open.expected', { amount: moneyText(expected, shop) })}</p>
      <CashCount
        label={say('start.open.counted')}
        initial={expected}
        onCount={(next) => {
          counted.value = next
        }}
      />
      {sum !== undefined && difference !== 0 && (
        <p class="open-difference" role="status">
          {say('start.open.difference', { amount: moneyText(difference, shop) })}
        </p>
      )}
      <TextField
        label={say('start.open.note')}
        value={note.value}
        maxLength={200}
        onInput={(text) => {
          note.value = text
        }}
      />
      {!may && <p class="field-error">{say('till.needs_right', { right: say('till.right.cashier') })}</p>}
      {!online && <p class="field-error">{say('till.needs_hub')}</p>}
      <Button size="big" look="main" disabled={sum === undefined || !may || !online} onPress={open}>
        {say('start.open.do')}
      </Button>
      <Button size="big" look="quiet" onPress={() => desk.logOut()}>
        {desk.employee.value === null ? say('till.menu.other') : say('till.menu.log_out')}
      </Button>
    </form>
  )
}
