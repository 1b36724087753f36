/** How this browser is set: nothing here is the shop's. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import type { Device } from '../../../../protocol/device.ts'
import { LanguageMenu } from '../../../parts/language.tsx'
import { Segments } from '../../../parts/segments.tsx'
import { say } from '../../../words/say.ts'
import { useTill } from '../../context.ts'
import { tillTongues } from '../../words/tongues.ts'
import { KeysList } from './keys-list.tsx'

const minutes = ['0', '2', '5', '15'] as const

export function SettingsScreen(): JSX.Element {
  const { desk, settings } = useTill()
  const choose = <V extends string>(values: readonly V[], text: (value: V) => string) =>
    values.map((value) => ({ value, text: text(value) }))
  return (
    <main class="screen settings-screen">
      <h1>{say('till.menu.settings')}</h1>
      <section class="card stack">
        <LanguageMenu tongues={tillTongues} />
        <Segments
          label={say('till.settings.hand')}
          value={settings.hand.value}
          choices={choose(['right', 'left'] as const, (value) => say(`till.settings.hand.${value}`))}
          onChoose={(value) => {
            settings.hand.value = value
          }}
        />
        <Segments
          label={say('till.settings.colours')}
          value={settings.theme.value}
          choices={choose(['auto', 'light', 'dark'] as const, (value) => say(`common.theme.${value}`))}
          onChoose={(value) => {
            settings.theme.value = value
          }}
        />
        <Segments
          label={say('till.settings.sounds')}
          value={settings.sounds.value ? 'on' : 'off'}
          choices={(['on', 'off'] as const).map((value) => ({ value, text: say(`till.settings.${value}`) }))}
          onChoose={(value) => {
            settings.sounds.value = value === 'on'
          }}
        />
        <Segments
          label={say('till.settings.lock')}
          value={String(settings.lockMinutes.value)}
          choices={minutes.map((value) => ({
            value: value as string,
            text:
              value === '0'
                ? say('till.settings.lock.never')
                : say('till.settings.lock.minutes', { count: value }),
          }))}
          onChoose={(value) => {
            settings.lockMinutes.value = Number(value)
          }}
        />
        {desk.register.value?.restaurant === true && (
          <Segments
            label={say('till.settings.floor')}
            value={settings.startOnFloor.value ? 'floor' : 'sell'}
            choices={(['sell', 'floor'] as const).map((value) => ({ value, text: say(`till.nav.${value}`) }))}
            onChoose={(value) => {
              settings.startOnFloor.value = value === 'floor'
            }}
          />
        )}
        <Scanners />
      </section>
      <section class="card stack">
        <h2>{say('till.settings.keys')}</h2>
        <KeysList />
      </section>
    </main>
  )
}

function Scanners(): JSX.Element | null {
  const { link, settings } = useTill()
  const found = useSignal<readonly Device[] | undefined>(undefined)
  const online = link.stage.value === 'online'
  useEffect(() => {
    if (!online) return
    link.call('device.list', {}).then(
      ({ devices }) => {
        found.value = devices.filter((device) => device.class === 'scanner')
      },
      () => undefined,
    )
  }, [found, link, online])
  if (found.value === undefined) return null
  if (found.value.length === 0) return <p class="hint">{say('till.settings.scanners.none')}</p>
  const chosen = settings.scanners.value
  const toggle = (id: string) => {
    const now = chosen ?? []
    settings.scanners.value = now.includes(id) ? now.filter((other) => other !== id) : [...now, id]
  }
  return (
    <fieldset class="scanner-choice">
      <legend class="label">{say('till.settings.scanners')}</legend>
      <label>
        <input
          type="checkbox"
          checked={chosen === null}
          onChange={() => {
            settings.scanners.value = chosen === null ? [] : null
          }}
        />
        {say('till.settings.scanners.all')}
      </label>
      {chosen !== null &&
        found.value.map(({ id, name }) => (
          <label key={id}>
            <input type="checkbox" checked={chosen.includes(id)} onChange={() => toggle(id)} />
            {name}
          </label>
        ))}
    </fieldset>
  )
}
