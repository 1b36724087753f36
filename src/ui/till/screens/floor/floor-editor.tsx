/** The plan as a manager draws it: tables are dragged, sized, named, added, taken away. Each change is saved by itself. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'
import { newId } from '../../../../protocol/client-core.ts'
import type { Params } from '../../../../protocol/methods.ts'
import type { Floor, Table } from '../../../../protocol/till/catalogue.ts'
import { Button } from '../../../parts/button.tsx'
import { TextField } from '../../../parts/field.tsx'
import { Segments } from '../../../parts/segments.tsx'
import { say } from '../../../words/say.ts'
import { useActions, useTill } from '../../context.ts'
import { Group } from '../../parts/group.tsx'
import { placeOf } from './floor-plan.tsx'

type Thing = Params<'till.catalogue.put'>['thing']

export const planLimits = {
  /** Tables stand on a grid of so many percent. */
  step: 2,
  seatsMax: 100,
} as const

const onGrid = (percent: number, size: number): number =>
  Math.min(100 - size, Math.max(0, Math.round(percent / planLimits.step) * planLimits.step))

interface EditorProps {
  floor: Floor | undefined
  onFloor: (id: string) => void
}

export function FloorEditor({ floor, onFloor }: EditorProps): JSX.Element {
  const { desk, shelf } = useTill()
  const { call } = useActions()
  const plan = useRef<HTMLUListElement>(null)
  const chosen = useSignal<string | null>(null)
  /** Where a table is while a finger has it, before the hub knows. */
  const dragged = useSignal<{ id: string; x: number; y: number } | null>(null)
  const put = (thing: Thing) => call('till.catalogue.put', { ...desk.by(), thing })
  const tables = shelf.all('table').filter((table) => table.floor === floor?.id && table.active)
  const table = tables.find(({ id }) => id === chosen.value)
  const addFloor = async () => {
    const id = newId()
    const name = say('floor.name', { number: shelf.all('floor').length + 1 })
    if ((await put({ floor: { id, name, sequence: shelf.all('floor').length } })) !== undefined) onFloor(id)
  }
  const addTable = async () => {
    if (floor === undefined) return
    const numbers = shelf.all('table').map(({ name }) => Number(name) || 0)
    const id = newId()
    const name = String(Math.max(0, ...numbers) + 1)
    await put({ table: { id, name, floor: floor.id, x: 2, y: 2, width: 14, height: 18 } })
    chosen.value = id
  }
  const drag = (event: PointerEvent, at: Table) => {
    const box = plan.current?.getBoundingClientRect()
    if (box === undefined) return
    event.preventDefault()
    chosen.value = at.id
    const from = { x: event.clientX, y: event.clientY }
    const turned = document.documentElement.dir === 'rtl' ? -1 : 1
    const moved = (to: PointerEvent) => ({
      id: at.id,
      x: onGrid(at.x + (turned * (to.clientX - from.x) * 100) / box.width, at.width),
      y: onGrid(at.y + ((to.clientY - from.y) * 100) / box.height, at.height),
    })
    const target = event.currentTarget as HTMLElement
    target.setPointerCapture(event.pointerId)
    target.onpointermove = (to) => {
      dragged.value = moved(to)
    }
    target.onpointerup = async (to) => {
      target.onpointermove = null
      target.onpointerup = null
      const { x, y } = moved(to)
      if (x !== at.x || y !== at.y) await put({ table: { ...at, x, y } })
      dragged.value = null
    }
  }
  /** Arrows move it as a finger does. */
  const nudge = (event: KeyboardEvent, at: Table) => {
    const by2 = planLimits.step
    const to = {
      ArrowLeft: { x: at.x - by2, y: at.y },
      ArrowRight: { x: at.x + by2, y: at.y },
      ArrowUp: { x: at.x, y: at.y - by2 },
      ArrowDown: { x: at.x, y: at.y + by2 },
    }[event.key]
    if (to === undefined) return
    event.preventDefault()
    void put({ table: { ...at, x: onGrid(to.x, at.width), y: onGrid(to.y, at.height) } })
  }
  return (
    <div class="floor-edit">
      <ul class="floor-plan is-editing" ref={plan}>
        {tables.map((each) => {
          const at = dragged.value?.id === each.id ? { ...each, ...dragged.value } : each
          return (
            <li key={each.id} style={placeOf(at)}>
              <button
                type="button"
                class={`table-button is-free${each.round ? ' is-round' : ''}`}
                aria-pressed={chosen.value === each.id}
                onPointerDown={(event) => drag(event, each)}
                onKeyDown={(event) => nudge(event, each)}
                onClick={() => {
                  chosen.value = each.id
                }}
              >
                <strong>{each.name}</strong>
                <small>{say('floor.free', { count: each.seats })}</small>
              </button>
            </li>
          )
        })}
      </ul>
      <aside class="card stack">
        <div class="actions grow">
          <Button size="big" icon="add" onPress={addFloor}>
            {say('floor.add')}
          </Button>
          <Button size="big" icon="add" disabled={floor === undefined} onPress={addTable}>
            {say('floor.add_table')}
          </Button>
        </div>
        {floor !== undefined && table === undefined && (
          <NameField
            key={floor.id}
            label={say('floor.floor_name')}
            name={floor.name}
            onName={(name) => put({ floor: { ...floor, name } })}
          />
        )}
        {table === undefined ? (
          <p class="hint">{say('floor.edit.hint')}</p>
        ) : (
          <TableFields
            key={table.id}
            table={table}
            onChange={(changed) => put({ table: changed })}
            onRemove={() => call('till.catalogue.remove', { ...desk.by(), kind: 'table', id: table.id })}
          />
        )}
      </aside>
    </div>
  )
}

function NameField({
  label,
  name,
  onName,
}: {
  label: string
  name: string
  onName: (name: string) => unknown
}): JSX.Element {
  const typed = useSignal(name)
  const save = () => {
    const text = typed.value.trim()
    return text === '' || text === name ? undefined : onName(text)
  }
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <TextField
        label={label}
        value={typed.value}
        maxLength={20}
        onInput={(text) => {
          typed.value = text
        }}
      />
      <Button size="big" disabled={typed.value.trim() === '' || typed.value.trim() === name} onPress={save}>
        {say('common.save')}
      </Button>
    </form>
  )
}

function TableFields({
  table,
  onChange,
  onRemove,
}: {
  table: Table
  onChange: (table: Table) => unknown
  onRemove: () => unknown
}): JSX.Element {
  const sizes = [
    { value: 'small', width: 12, height: 16 },
    { value: 'middle', width: 18, height: 24 },
    { value: 'large', width: 28, height: 34 },
  ] as const
  const size = sizes.findLast(({ width }) => table.width >= width)?.value ?? 'small'
  return (
    <>
      <NameField
        label={say('floor.table_name')}
        name={table.name}
        onName={(name) => onChange({ ...table, name })}
      />
      <Group class="stepper" label={say('floor.seats')}>
        <span class="label">{say('floor.seats')}</span>
        <Button
          size="big"
          label={say('floor.seats.fewer')}
          disabled={table.seats === 0}
          onPress={() => onChange({ ...table, seats: table.seats - 1 })}
        >
          −
        </Button>
        <output class="amount">{table.seats}</output>
        <Button
          size="big"
          label={say('floor.seats.more')}
          disabled={table.seats >= planLimits.seatsMax}
          onPress={() => onChange({ ...table, seats: table.seats + 1 })}
        >
          +
        </Button>
      </Group>
      <Segments
        label={say('floor.size')}
        value={size}
        choices={sizes.map(({ value }) => ({ value: value as string, text: say(`floor.size.${value}`) }))}
        onChoose={(value) => {
          const to = sizes.find((each) => each.value === value)
          if (to !== undefined) void onChange({ ...table, width: to.width, height: to.height })
        }}
      />
      <Segments
        label={say('floor.shape')}
        value={table.round ? 'round' : 'square'}
        choices={(['square', 'round'] as const).map((value) => ({
          value,
          text: say(`floor.shape.${value}`),
        }))}
        onChoose={(value) => onChange({ ...table, round: value === 'round' })}
      />
      <Button size="big" look="danger" onPress={onRemove}>
        {say('common.remove')}
      </Button>
    </>
  )
}
