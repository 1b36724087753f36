/** What was just plugged in and waits for a word: a card each, with one press to accept it and, after that, one to try it. */
import { type Signal, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useId } from 'preact/hooks'
import type { PortRecord } from '../../../../protocol/device.ts'
import { Badge } from '../../../parts/badge.tsx'
import { Button } from '../../../parts/button.tsx'
import { Icon } from '../../../parts/icon.tsx'
import { say } from '../../../words/say.ts'
import { sourceWord, thingWords } from '../../../words/things.ts'
import { isTechnician, useActions, useConsole } from '../../context.ts'
import { type Candidate, isCandidate, type Suggestion } from '../../use-ports.ts'
import { DeviceCard, deviceNameCharsMax } from './device-card.tsx'
import { PortFacts } from './port-facts.tsx'

/** More than these are folded away, so that the devices of the shop stay near. */
const shownMax = 6

/** Devices that were accepted here and are still in the place of their candidate, by the port's address. */
export type JustAdded = Signal<ReadonlyMap<string, string>>

/** Accepts what a port is said to have. Answers the id of the device. */
export function useAccept(): (port: PortRecord, suggestion: Suggestion) => Promise<string | undefined> {
  const { state } = useConsole()
  const { call } = useActions()
  return async (port, suggestion) => {
    const name = port.label.trim().slice(0, deviceNameCharsMax)
    const added = await call('device.add', {
      class: suggestion.class,
      driver: suggestion.driver,
      profile: suggestion.profile,
      port: suggestion.port ?? port.url,
      ...(suggestion.settings === undefined ? {} : { settings: suggestion.settings }),
      ...(name === '' ? {} : { name }),
    })
    if (added !== undefined) state.putDevice(added)
    return added?.id
  }
}

export function Candidates({ justAdded }: { justAdded: JustAdded }): JSX.Element | null {
  const { state, session } = useConsole()
  const all = useSignal(false)
  const headingId = useId()
  if (!isTechnician(session.role.value)) return null
  const putOff = state.putOff.value
  const waiting = state.ports.value
    .filter(isCandidate)
    .filter(
      (port) => justAdded.value.has(port.url) || (port.device === null && !putOff.has(port.fingerprint)),
    )
    .sort((a, b) => Number(b.suggestion.sure) - Number(a.suggestion.sure))
  const shown = all.value ? waiting : waiting.slice(0, shownMax)
  if (waiting.length === 0) return null
  const accepted = (url: string, id: string | undefined) => {
    const added = new Map(justAdded.value)
    if (id === undefined) added.delete(url)
    else added.set(url, id)
    justAdded.value = added
  }
  return (
    <section class="candidates" aria-labelledby={headingId}>
      <h2 id={headingId} class="section-title">
        {waiting.some(({ url }) => !justAdded.value.has(url))
          ? say('devices.found')
          : say('devices.justAdded')}
      </h2>
      <div class="devices">
        {shown.map((port) => {
          const device = state.devices.value.get(justAdded.value.get(port.url) ?? '')
          return device === undefined ? (
            <CandidateCard key={port.url} port={port} onAdded={(id) => accepted(port.url, id)} />
          ) : (
            <DeviceCard
              key={port.url}
              device={device}
              isNew={true}
              onSeen={() => accepted(port.url, undefined)}
            />
          )
        })}
      </div>
      {waiting.length > shown.length && (
        <div class="more">
          <Button
            size="big"
            onPress={() => {
              all.value = true
            }}
          >
            {say('devices.foundAll', { count: waiting.length })}
          </Button>
        </div>
      )}
    </section>
  )
}

function CandidateCard({ port, onAdded }: { port: Candidate; onAdded: (id: string) => void }): JSX.Element {
  const { state } = useConsole()
  const accept = useAccept()
  const headingId = useId()
  const { suggestion } = port
  const drivers = state.drivers.value
  const add = async () => {
    const id = await accept(port, suggestion)
    if (id !== undefined) onAdded(id)
  }
  return (
    <article class="card device candidate" aria-labelledby={headingId} data-candidate={port.url}>
      <header class="device-head">
        <span class="class-icon tone-busy">
          <Icon name={suggestion.class} size={26} />
        </span>
        <div class="device-title">
          <h3 id={headingId} class="device-name">
            {port.label}
          </h3>
          <p class="device-sub">
            {suggestion.sure
              ? thingWords(suggestion, drivers)
              : say('devices.looksLike', { thing: thingWords(suggestion, drivers) })}
          </p>
        </div>
        <span class="device-state">
          <Badge tone="busy" icon="plug">
            {say('devices.new')}
          </Badge>
        </span>
      </header>
      {port.trouble !== undefined && <p class="trouble">{port.trouble}</p>}
      <div class="actions candidate-keys">
        <Button size="big" look="main" icon="add" onPress={add}>
          {say('devices.add')}
        </Button>
        <Button
          size="big"
          look="quiet"
          title={say('devices.notNowHint')}
          onPress={() => {
            state.putOff.value = new Set([...state.putOff.value, port.fingerprint])
          }}
        >
          {say('devices.notNow')}
        </Button>
      </div>
      <PortFacts port={port} title={say('devices.details')} source={sourceWord(port.source)} />
    </article>
  )
}
