/** The search for printers that do not announce themselves: which network, how far it is, what it found. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { PortRecord } from '../../../../protocol/device.ts'
import type { Result } from '../../../../protocol/methods.ts'
import { Button } from '../../../parts/button.tsx'
import { TextField } from '../../../parts/field.tsx'
import { Progress } from '../../../parts/progress.tsx'
import { say, sayCount } from '../../../words/say.ts'
import { useActions, useConsole } from '../../context.ts'
import { PortRow } from './port-row.tsx'

/** A thousand addresses, 64 at a time, 0.6 s each at most: ten seconds. */
const searchTimes = { askedMsMax: 12_000, answerMsMax: 30_000 } as const
const networkCharsMax = 40

interface NetworkSearchProps {
  onAdd: (port: PortRecord) => void
  onClose: () => void
}

export function NetworkSearch({ onAdd, onClose }: NetworkSearchProps): JSX.Element {
  const { state, session, clock } = useConsole()
  const { attempt } = useActions()
  const network = useSignal('')
  const searching = useSignal(false)
  const found = useSignal<Result<'port.scan'> | undefined>(undefined)
  const search = async () => {
    if (searching.value) return
    searching.value = true
    found.value = undefined
    const wanted = network.value.trim()
    found.value = await attempt(() =>
      session.call('port.scan', wanted === '' ? {} : { network: wanted }, {
        timeoutMs: searchTimes.answerMsMax,
      }),
    )
    searching.value = false
  }
  const known = (port: PortRecord) => state.ports.value.find(({ url }) => url === port.url) ?? port
  return (
    <section class="card search-panel" aria-label={say('devices.networkTitle')}>
      <header class="panel-head">
        <h2>{say('devices.networkTitle')}</h2>
        <Button look="quiet" icon="close" label={say('devices.networkClose')} onPress={onClose} />
      </header>
      <form
        class="field-and-button"
        onSubmit={(event) => {
          event.preventDefault()
          void search()
        }}
      >
        <TextField
          label={say('devices.networkField')}
          kind="code"
          maxLength={networkCharsMax}
          placeholder="192.168.1.0/24"
          value={network.value}
          onInput={(value) => {
            network.value = value
          }}
        />
        <button type="submit" class="button look-main" disabled={searching.value}>
          {say('devices.networkSearch')}
        </button>
      </form>
      {searching.value && (
        <Progress clock={clock} text={say('devices.networkKnocking')} msMax={searchTimes.askedMsMax} />
      )}
      {found.value !== undefined && (
        <>
          <p role="status" class="search-result">
            <strong>{foundWords(found.value.ports.length)}</strong>{' '}
            {sayCount('devices.networkAsked', found.value.asked)}
          </p>
          {found.value.ports.length === 0 ? (
            <p class="hint">{say('devices.networkHelp')}</p>
          ) : (
            <ul class="rows">
              {found.value.ports.map(known).map((port) => (
                <PortRow key={port.url} port={port} onAdd={() => onAdd(port)} />
              ))}
            </ul>
          )}
        </>
      )}
    </section>
  )
}

function foundWords(count: number): string {
  return count === 0 ? say('devices.networkNobody') : sayCount('devices.networkFound', count)
}
