/** All devices: a few as cards, many as lines that open into them; what needs a person stands on top. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import type { Device, DeviceClass, DeviceState } from '../../../../protocol/device.ts'
import { Button } from '../../../parts/button.tsx'
import { SelectField } from '../../../parts/field.tsx'
import { Icon } from '../../../parts/icon.tsx'
import { SearchField } from '../../../parts/search-field.tsx'
import { say, sayCount } from '../../../words/say.ts'
import { classWord, deviceLook } from '../../../words/things.ts'
import { isTechnician, useConsole } from '../../context.ts'
import { usePorts } from '../../use-ports.ts'
import '../../styles/shop.css'
import { Question } from '../jobs/question.tsx'
import { Candidates } from './candidates.tsx'
import { DeviceCard } from './device-card.tsx'
import { DeviceLine, needsSomebody } from './device-line.tsx'

export const devicesViewLimits = {
  /** From so many devices on there is a search field. */
  searchFrom: 7,
  /** From so many devices on they are lines that open. */
  linesFrom: 9,
  questionsMax: 3,
} as const

const classes = ['printer', 'scale', 'scanner', 'drawer', 'display', 'terminal'] as const
const states = ['faulty', 'absent', 'connecting', 'ready', 'busy', 'disabled'] as const

interface Filter {
  text: string
  class: DeviceClass | undefined
  state: DeviceState | undefined
}

const noFilter: Filter = { text: '', class: undefined, state: undefined }

export function DevicesView(): JSX.Element {
  const { state } = useConsole()
  const filter = useSignal(noFilter)
  const justAdded = useSignal<ReadonlyMap<string, string>>(new Map())
  const opened = useSignal<ReadonlySet<string>>(new Set())
  usePorts()
  useWanted((id) => {
    filter.value = noFilter
    opened.value = new Set([...opened.value, id])
  })
  const above = new Set(justAdded.value.values())
  const devices = state.deviceList.value
  const asLines = devices.length >= devicesViewLimits.linesFrom
  const fitting = devices.filter((device) => !above.has(device.id) && matches(device, filter.value))
  const shown = asLines ? troubledFirst(fitting) : fitting
  const turn = (id: string) => {
    const next = new Set(opened.value)
    if (!next.delete(id)) next.add(id)
    opened.value = next
  }
  return (
    <>
      <OpenQuestions />
      <Candidates justAdded={justAdded} />
      {devices.length >= devicesViewLimits.searchFrom && (
        <Toolbar
          filter={filter.value}
          onChange={(next) => {
            filter.value = next
          }}
        />
      )}
      {devices.length === 0 ? (
        <NoDevices />
      ) : shown.length === 0 ? (
        above.size === 0 && (
          <div class="empty">
            <Icon name="search" size={48} />
            <h2>{say('devices.noMatch')}</h2>
            <p>{say('devices.noMatchHint')}</p>
            <Button
              onPress={() => {
                filter.value = noFilter
              }}
            >
              {say('devices.showAll')}
            </Button>
          </div>
        )
      ) : asLines ? (
        <ul class="device-lines" aria-label={say('devices.list')}>
          {shown.map((device) => (
            <DeviceLine
              key={device.id}
              device={device}
              open={opened.value.has(device.id)}
              onTurn={() => turn(device.id)}
            />
          ))}
        </ul>
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

/** `#/devices/ID`: the device is opened, brought into sight and given the focus. */
function useWanted(open: (id: string) => void): void {
  const { address, state } = useConsole()
  const id = address.value.split('/')[1] ?? ''
  const known = state.devices.value.has(id)
  useEffect(() => {
    if (!known) return
    open(id)
    // Once it is drawn.
    requestAnimationFrame(() => {
      const found = document.querySelector<HTMLElement>(`[data-device="${id}"]`)
      found?.scrollIntoView({ block: 'start' })
      found?.querySelector<HTMLElement>('button')?.focus({ preventScroll: true })
    })
  }, [id, known])
}

/** What is broken comes first, then what is not there; beyond that everything keeps its place: sorting is stable. */
function troubledFirst(devices: readonly Device[]): readonly Device[] {
  const rank = (device: Device) => (device.state === 'faulty' ? 0 : needsSomebody(device) ? 1 : 2)
  return [...devices].sort((a, b) => rank(a) - rank(b))
}

function Toolbar({ filter, onChange }: { filter: Filter; onChange: (next: Filter) => void }): JSX.Element {
  return (
    <div class="toolbar filters">
      <SearchField
        label={say('devices.search')}
        placeholder={say('devices.searchHint')}
        value={filter.text}
        onInput={(text) => onChange({ ...filter, text })}
      />
      <SelectField
        label={say('devices.class')}
        value={filter.class ?? ''}
        choices={[
          { value: '', text: say('devices.allClasses') },
          ...classes.map((name) => ({ value: name, text: classWord(name) })),
        ]}
        onChange={(value) => onChange({ ...filter, class: classes.find((name) => name === value) })}
      />
      <SelectField
        label={say('devices.state')}
        value={filter.state ?? ''}
        choices={[
          { value: '', text: say('devices.allStates') },
          ...states.map((name) => ({ value: name, text: deviceLook(name).word })),
        ]}
        onChange={(value) => onChange({ ...filter, state: states.find((name) => name === value) })}
      />
      <Summary />
    </div>
  )
}

function NoDevices(): JSX.Element {
  const { session } = useConsole()
  const manages = isTechnician(session.role.value)
  return (
    <div class="empty">
      <Icon name="printer" size={48} />
      <h2>{say('devices.none')}</h2>
      <p>{manages ? say('devices.noneHint') : say('devices.noneAsk')}</p>
      {manages && (
        <a class="button look-main size-big" href="#/ports">
          {say('devices.toPorts')}
        </a>
      )}
    </div>
  )
}

function OpenQuestions(): JSX.Element | null {
  const { state } = useConsole()
  const jobs = state.unknownJobs.value
  if (jobs.length === 0) return null
  const rest = jobs.length - devicesViewLimits.questionsMax
  return (
    <section class="questions" aria-label={say('devices.questions')}>
      {jobs.slice(0, devicesViewLimits.questionsMax).map((job) => (
        <Question key={job.id} job={job} />
      ))}
      {rest > 0 && (
        <p>
          <a href="#/jobs">{sayCount('devices.questionsMore', rest)}</a>
        </p>
      )}
    </section>
  )
}

/** `200 devices: 196 ready, 3 absent, 1 faulty`. */
function Summary(): JSX.Element {
  const { state } = useConsole()
  const devices = state.deviceList.value
  const parts = states.flatMap((name) => {
    const count = devices.filter((device) => device.state === name).length
    return count === 0 ? [] : [`${count} ${deviceLook(name).word.toLowerCase()}`]
  })
  return <p class="summary">{sayCount('devices.summary', devices.length, { states: parts.join(', ') })}</p>
}

function matches(device: Device, { text, class: wantedClass, state }: Filter): boolean {
  if (wantedClass !== undefined && device.class !== wantedClass) return false
  if (state !== undefined && device.state !== state) return false
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return true
  return [device.name, device.id, classWord(device.class), device.port, deviceLook(device.state).word]
    .join('\n')
    .toLowerCase()
    .includes(wanted)
}
