/** How much the hub writes into its log: for everything, and more or less for one device. Until the next start. */
import { type Signal, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { Button } from '../../../parts/button.tsx'
import { Dialog } from '../../../parts/dialog.tsx'
import { SelectField } from '../../../parts/field.tsx'
import { say } from '../../../words/say.ts'
import { useActions, useConsole } from '../../context.ts'
import type { LogLevel } from './log-feed.ts'
import { levels } from './log-lines.tsx'

type Levels = { level: LogLevel; devices: Readonly<Record<string, LogLevel>> }

interface LogLevelsProps {
  levels: Signal<Levels | undefined>
  onClose: () => void
}

const levelChoices = levels.map((level) => ({ value: level, text: level }))

export function LogLevels({ levels: now, onClose }: LogLevelsProps): JSX.Element {
  const { state } = useConsole()
  const { call } = useActions()
  const chosen = useSignal('')
  const known = now.value ?? { level: 'info', devices: {} }
  const set = async (level: LogLevel | null, device?: string) => {
    const done = await call('log.level', device === undefined ? { level } : { device, level })
    if (done === undefined) return
    if (device === undefined) now.value = { ...known, level: level ?? known.level }
    else {
      const { [device]: _old, ...others } = known.devices
      now.value = { ...known, devices: level === null ? others : { ...others, [device]: level } }
    }
  }
  const others = state.deviceList.value.filter(({ id }) => !(id in known.devices))
  return (
    <Dialog title={say('box.log.howMuch')} onClose={onClose}>
      <p class="hint">{say('box.log.levelHint')}</p>
      <SelectField
        label={say('box.log.hubLevel')}
        value={known.level}
        choices={levelChoices}
        onChange={(value) => set(levels.find((level) => level === value) ?? 'info')}
      />
      {Object.entries(known.devices).map(([device, level]) => (
        <SelectField
          key={device}
          label={state.nameOf(device)}
          value={level}
          choices={[{ value: '', text: say('box.log.asHub') }, ...levelChoices]}
          onChange={(value) => set(levels.find((one) => one === value) ?? null, device)}
        />
      ))}
      {others.length > 0 && (
        <div class="box-line">
          <SelectField
            label={say('box.log.oneDevice')}
            value={chosen.value}
            choices={[
              { value: '', text: say('box.form.choose') },
              ...others.map(({ id, name }) => ({ value: id, text: name })),
            ]}
            onChange={(value) => {
              chosen.value = value
            }}
          />
          <Button
            disabled={chosen.value === ''}
            onPress={async () => {
              await set('debug', chosen.value)
              chosen.value = ''
            }}
          >
            {say('box.log.toDebug')}
          </Button>
        </div>
      )}
    </Dialog>
  )
}
