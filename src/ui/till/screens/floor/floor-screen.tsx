/** The tables of the room with what is on them, on all tills alike; a touch takes the order of a table in hand. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { Button } from '../../../parts/button.tsx'
import { say } from '../../../words/say.ts'
import { useActions, useTill } from '../../context.ts'
import { Group } from '../../parts/group.tsx'
import { TillIcon } from '../../parts/icons.tsx'
import { FloorEditor } from './floor-editor.tsx'
import { FloorPlan } from './floor-plan.tsx'

export function FloorScreen(): JSX.Element {
  const { cart, desk, link, sales, screen, shelf } = useTill()
  const { attempt, call } = useActions()
  const floors = [...shelf.all('floor')].sort((a, b) => a.sequence - b.sequence || (a.name < b.name ? -1 : 1))
  const chosen = useSignal<string | undefined>(undefined)
  const editing = useSignal(false)
  /** The order in hand is being moved: the next table is where it goes. */
  const moving = useSignal(false)
  const floor = floors.find(({ id }) => id === chosen.value) ?? floors[0]
  const inHand = cart.state.value
  const online = link.stage.value === 'online'
  const open = async (table: string) => {
    const opened = await attempt(async () => {
      await sales.takeTable(table)
      return true
    })
    if (opened) screen.value = 'sell'
  }
  const move = async (table: string) => {
    moving.value = false
    const there = sales.parked.value.find((order) => order.table === table && order.id !== inHand.id)
    await attempt(async () => {
      const { id, version } = await sales.save()
      if (there === undefined) {
        await sales.adopt(await link.call('till.order.transfer', { ...desk.by(), id, version, table }))
      } else {
        await sales.park()
        const merged = await call('till.order.merge', { ...desk.by(), from: id, into: there.id })
        if (merged !== undefined) await sales.take(merged.id)
      }
      screen.value = 'sell'
    })
  }
  if (floors.length === 0 && !editing.value)
    return (
      <main class="screen floor-screen">
        <div class="empty">
          <TillIcon name="table" size={48} />
          <h1>{say('floor.none')}</h1>
          <p>{say('floor.none.todo')}</p>
          {desk.may('manager') && (
            <Button
              size="big"
              look="main"
              onPress={() => {
                editing.value = true
              }}
            >
              {say('floor.edit')}
            </Button>
          )}
        </div>
      </main>
    )
  return (
    <main class="screen floor-screen">
      <h1 class="hidden-text">{say('till.nav.floor')}</h1>
      <div class="floor-bar">
        <Group class="chips" label={say('floor.floors')}>
          {floors.map(({ id, name }) => (
            <button
              key={id}
              type="button"
              class="chip"
              aria-pressed={id === floor?.id}
              onClick={() => {
                chosen.value = id
              }}
            >
              {name}
            </button>
          ))}
        </Group>
        {inHand.lines.length > 0 && inHand.table !== null && online && desk.may('cashier') && (
          <Button
            size="big"
            pressed={moving.value}
            onPress={() => {
              moving.value = !moving.value
            }}
          >
            {say('floor.move')}
          </Button>
        )}
        {desk.may('manager') && online && (
          <Button
            size="big"
            look="quiet"
            pressed={editing.value}
            onPress={() => {
              editing.value = !editing.value
            }}
          >
            {editing.value ? say('floor.edit.done') : say('floor.edit')}
          </Button>
        )}
      </div>
      {moving.value && (
        <p class="floor-moving" role="status">
          {say('floor.move.where')}
        </p>
      )}
      {editing.value ? (
        <FloorEditor floor={floor} onFloor={(id) => (chosen.value = id)} />
      ) : (
        floor !== undefined && (
          <FloorPlan floor={floor.id} onTable={(table) => void (moving.value ? move(table) : open(table))} />
        )
      )}
    </main>
  )
}
