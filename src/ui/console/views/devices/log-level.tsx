/** How much the hub logs of one device, until its next start. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import type { Device } from '../../../../protocol/device.ts'
import type { Params } from '../../../../protocol/methods.ts'
import { SelectField } from '../../../parts/field.tsx'
import { say } from '../../../words/say.ts'
import { useActions, useConsole } from '../../context.ts'

type Level = NonNullable<Params<'log.level'>['level']>
const levels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const satisfies Level[]

/** The words of the levels; the code stands behind them, as the log shows it. */
function levelWord(level: Level): string {
  switch (level) {
    case 'trace':
      return say('devices.logTrace')
    case 'debug':
      return say('devices.logDebug')
    case 'info':
      return say('devices.logInfo')
    case 'warn':
      return say('devices.logWarn')
    case 'error':
      return say('devices.logError')
    case 'silent':
      return say('devices.logSilent')
  }
}

export function LogLevelChoice({ device }: { device: Device }): JSX.Element {
  const { session } = useConsole()
  const { call } = useActions()
  const level = useSignal<Level | ''>('')
  useEffect(() => {
    session.call('log.read', { device: device.id }).then(
      ({ devices }) => {
        level.value = devices[device.id] ?? ''
      },
      // It stays at what the hub has: choosing one says whether it could be done.
      () => undefined,
    )
  }, [session, device.id, level])
  return (
    <SelectField
      label={say('devices.logLevel')}
      hint={say('devices.logHint')}
      value={level.value}
      choices={[
        { value: '', text: say('devices.logAsHub') },
        ...levels.map((name) => ({ value: name, text: levelWord(name) })),
      ]}
      onChange={async (value) => {
        const wanted = levels.find((name) => name === value) ?? null
        if ((await call('log.level', { device: device.id, level: wanted })) !== undefined)
          level.value = wanted ?? ''
      }}
    />
  )
}
