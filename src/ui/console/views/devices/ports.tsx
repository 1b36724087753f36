/** All places where a device may be, what is known of them, and the ways to find what does not show itself. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { Button } from '../../../parts/button.tsx'
import { Icon } from '../../../parts/icon.tsx'
import { SearchField } from '../../../parts/search-field.tsx'
import { say } from '../../../words/say.ts'
import { useConsole } from '../../context.ts'
import { usePorts } from '../../use-ports.ts'
import { AddDialog, type AddStart } from './add-dialog.tsx'
import { NetworkSearch } from './network-search.tsx'
import { PortRow } from './port-row.tsx'
import { TeachDialog } from './teach-dialog.tsx'

/** From so many ports on there is a search field. */
const searchFrom = 10

/** A customer display in a browser has no cable to be found by. */
const newScreen = { address: 'page:counter', driver: 'browser-display' } as const

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
      <p class="summary">{say('devices.portsText')}</p>
      <div class="actions finders">
        <Button
          size="big"
          icon="search"
          pressed={searching.value}
          onPress={() => {
            searching.value = !searching.value
          }}
        >
          {say('devices.searchNetwork')}
        </Button>
        <Button
          size="big"
          icon="scanner"
          onPress={() => {
            teaching.value = true
          }}
        >
          {say('devices.teach')}
        </Button>
        <Button
          size="big"
          icon="display"
          onPress={() => {
            adding.value = { ...newScreen, name: say('devices.screenName') }
          }}
        >
          {say('devices.addScreen')}
        </Button>
        <Button
          size="big"
          icon="add"
          onPress={() => {
            adding.value = {}
          }}
        >
          {say('devices.addByAddress')}
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
            label={say('devices.findPort')}
            placeholder={say('devices.findPortHint')}
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
          <h2>{say('devices.noPorts')}</h2>
          <p>{say('devices.noPortsHint')}</p>
        </div>
      ) : shown.length === 0 ? (
        <p class="empty">{say('devices.noPortMatches', { text: filter.value })}</p>
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
            const name = state.devices.peek().get(id)?.name ?? say('devices.theScanner')
            toasts.show({ tone: 'good', text: say('devices.scannerAdded', { name }) })
          }}
          onClose={() => {
            teaching.value = false
          }}
        />
      )}
    </>
  )
}
