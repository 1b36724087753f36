/** What is done with the order of a table: to the kitchen, course by course, the bill, and sharing it. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { newId } from '../../../../protocol/client-core.ts'
import { Button } from '../../../parts/button.tsx'
import { say } from '../../../words/say.ts'
import { useActions, useTill } from '../../context.ts'
import { Group } from '../../parts/group.tsx'
import { SplitDialog } from './split-dialog.tsx'

export function TableActions({ onDone }: { onDone: () => void }): JSX.Element | null {
  const { cart, desk, link, sales } = useTill()
  const { attempt } = useActions()
  const splitting = useSignal(false)
  if (splitting.value) return <SplitDialog onClose={onDone} />
  const away = link.stage.value !== 'online' || desk.training.value
  const state = cart.state.value
  const fired = state.draft?.kitchen.fired ?? []
  const courses = [...new Set(state.lines.map(({ course }) => course ?? 0))]
    .filter((course) => course > 0)
    .sort()
  const kitchen = async (course?: number) => {
    await attempt(async () => {
      const { id, version } = await sales.save()
      const { draft, jobs } = await link.call('till.order.kitchen', {
        ...desk.by(),
        id,
        version,
        ...(course !== undefined && { course }),
      })
      await sales.adopt(draft)
      if (jobs.length === 0) return onDone()
      onDone()
    }, say('floor.kitchen.told'))
  }
  const bill = () =>
    attempt(async () => {
      const { id } = await sales.save()
      await link.call('till.order.print', { ...desk.by(), id, what: 'bill', job: newId() })
      const { draft } = await link.call('till.order.get', { id })
      if (draft !== undefined) await sales.adopt(draft)
      onDone()
    }, say('floor.bill.printing'))
  const empty = cart.empty.value
  return (
    <Group class="stack" label={say('till.nav.floor')}>
      {away && <p class="hint">{say('till.needs_hub')}</p>}
      <div class="actions grow">
        <Button size="big" disabled={away || empty} onPress={() => kitchen()}>
          {say('floor.kitchen')}
        </Button>
        {courses
          .filter((course) => !fired.includes(course))
          .map((course) => (
            <Button key={course} size="big" disabled={away} onPress={() => kitchen(course)}>
              {say('floor.course', { number: course })}
            </Button>
          ))}
        <Button size="big" disabled={away || empty} onPress={bill}>
          {say('floor.bill')}
        </Button>
        <Button
          size="big"
          disabled={away || empty || !desk.may('cashier')}
          onPress={() => {
            splitting.value = true
          }}
        >
          {say('floor.split')}
        </Button>
      </div>
    </Group>
  )
}
