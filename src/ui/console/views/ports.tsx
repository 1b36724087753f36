/** All places where a device may be, what is known of them, and the ways to find what does not show itself. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { Button } from '../../parts/button.tsx'
import { Icon } from '../../parts/icon.tsx'
import { SearchField } from '../../parts/search-field.tsx'
import { useConsole } from '../context.ts'
import { usePorts } from '../use-ports.ts'
import { AddDialog, type AddStart } from './add-dialog.tsx'
import { NetworkSearch } from './network-search.tsx'
import { PortRow } from './port-row.tsx'
import { TeachDialog } from './teach-dialog.tsx'

/** From so many ports on there is a search field. */
const searchFrom = 10

/** A customer display in a browser has no cable to be found by. */
const newScreen: AddStart = { address: 'page:counter', driver: 'browser-display', name: 'Customer display' }

export function PortsView(): JSX.Element {
  const { state, toasts } = useConsole()
  usePorts()
  const adding = useSignal<AddStart | undefined>(undefined)
  const searching = useSignal(false)
  const teaching = useSignal(false)
  const filter = useSignal('')
  const ports = state.ports.value
  const wanted = filter.value.trim().toLowerCase()
  const shown = ports.filter((port) => `${port.label} ${port.url}`.toLowerCase().includes(wanted))
  return (
    <>
      <p class="summary">
        Places where a device may be. What is plugged in shows by itself; the hub asks a port only when you
        want it to: a display would show the question, an old printer print it.
      </p>
      <div class="actions finders">
        <Button
          size="big"
          icon="search"
          pressed={searching.value}
          onPress={() => {
            searching.value = !searching.value
          }}
        >
          Look for printers on the network
        </Button>
        <Button
          size="big"
          icon="scanner"
          onPress={() => {
            teaching.value = true
          }}
        >
          Is this keyboard a scanner?
        </Button>
        <Button
          size="big"
          icon="display"
          onPress={() => {
            adding.value = newScreen
          }}
        >
          Add a screen
        </Button>
        <Button
          size="big"
          icon="add"
          onPress={() => {
            adding.value = {}
          }}
        >
          Add by address
        </Button>
      </div>
      {searching.value && (
        <NetworkSearch
          onAdd={(port) => {
            adding.value = { port }
          }}
          onClose={() => {
            searching.value = false
          }}
        />
      )}
      {ports.length >= searchFrom && (
        <div class="toolbar">
          <SearchField
            label="Find a port"
            placeholder="Find by name or address"
            value={filter.value}
            onInput={(value) => {
              filter.value = value
            }}
          />
        </div>
      )}
      {ports.length === 0 ? (
        <div class="empty">
          <Icon name="plug" size={48} />
          <h2>No ports found</h2>
          <p>Plug a device into the hub; it appears here within seconds.</p>
        </div>
      ) : shown.length === 0 ? (
        <p class="empty">No port matches “{filter.value}”.</p>
      ) : (
        <ul class="rows">
          {shown.map((port) => (
            <PortRow
              key={port.url}
              port={port}
              onAdd={() => {
                adding.value = { port }
              }}
            />
          ))}
        </ul>
      )}
      {adding.value !== undefined && (
        <AddDialog
          start={adding.value}
          drivers={state.drivers.value}
          onClose={() => {
            adding.value = undefined
          }}
        />
      )}
      {teaching.value && (
        <TeachDialog
          onAdded={(id) => {
            const name = state.devices.peek().get(id)?.name ?? 'The scanner'
            toasts.show({ tone: 'good', text: `${name} was added. Scan something: it shows under Devices.` })
          }}
          onClose={() => {
            teaching.value = false
          }}
        />
      )}
    </>
  )
}
