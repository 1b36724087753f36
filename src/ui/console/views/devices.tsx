/** All devices as cards, with the questions that only a person can answer above them. */
import { useComputed, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { Device, DeviceState } from '../../../protocol/device.ts'
import { Icon } from '../../parts/icon.tsx'
import { SearchField } from '../../parts/search-field.tsx'
import { useConsole } from '../context.ts'
import { usePorts } from '../use-ports.ts'
import { classWords, deviceLooks } from '../words.ts'
import { Candidates } from './candidates.tsx'
import { DeviceCard } from './device-card.tsx'
import { Question } from './question.tsx'

/** From so many devices on there is a search field. */
const searchFrom = 7
const questionsMax = 3

export function DevicesView(): JSX.Element {
  const { state } = useConsole()
  const search = useSignal('')
  const justAdded = useSignal<ReadonlyMap<string, string>>(new Map())
  usePorts()
  const above = new Set(justAdded.value.values())
  const devices = state.deviceList.value
  const shown = devices.filter((device) => !above.has(device.id) && matches(device, search.value))
  return (
    <>
      <OpenQuestions />
      <Candidates justAdded={justAdded} />
      {devices.length >= searchFrom && (
        <div class="toolbar">
          <SearchField
            label="Find a device"
            placeholder="Find by name, class, port or state"
            value={search.value}
            onInput={(value) => {
              search.value = value
            }}
          />
          <Summary devices={devices} />
        </div>
      )}
      {devices.length === 0 ? (
        <NoDevices />
      ) : shown.length === 0 ? (
        above.size === 0 && <p class="empty">No device matches “{search.value}”.</p>
      ) : (
        <div class="devices">
          {shown.map((device) => (
            <DeviceCard key={device.id} device={device} />
          ))}
        </div>
      )}
    </>
  )
}

function NoDevices(): JSX.Element {
  return (
    <div class="empty">
      <Icon name="printer" size={48} />
      <h2>No devices yet</h2>
      <p>
        Plug one in, or look under <a href="#/ports">Ports</a> for what the hub has found and for a form to
        add one by its address.
      </p>
    </div>
  )
}

function OpenQuestions(): JSX.Element | null {
  const { state } = useConsole()
  const jobs = state.unknownJobs.value
  if (jobs.length === 0) return null
  const rest = jobs.length - questionsMax
  return (
    <section class="questions" aria-label="Questions">
      {jobs.slice(0, questionsMax).map((job) => (
        <Question key={job.id} job={job} />
      ))}
      {rest > 0 && (
        <p>
          <a href="#/jobs">{rest} more in the job list</a>
        </p>
      )}
    </section>
  )
}

/** `200 devices: 196 ready, 3 absent, 1 faulty`. */
function Summary({ devices }: { devices: readonly Device[] }): JSX.Element {
  const { state } = useConsole()
  const counts = useComputed(() => {
    const byState = new Map<DeviceState, number>()
    for (const device of state.deviceList.value)
      byState.set(device.state, (byState.get(device.state) ?? 0) + 1)
    return [...byState].map(([name, count]) => `${count} ${deviceLooks[name].word.toLowerCase()}`).join(', ')
  })
  return (
    <p class="summary">
      {devices.length} devices: {counts}
    </p>
  )
}

function matches(device: Device, search: string): boolean {
  const wanted = search.trim().toLowerCase()
  if (wanted === '') return true
  return [device.name, device.id, classWords[device.class], device.port, deviceLooks[device.state].word]
    .join('\n')
    .toLowerCase()
    .includes(wanted)
}
