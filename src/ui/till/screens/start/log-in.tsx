/** Who sells: a name and its PIN, or a badge. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { toHubError } from '../../../../protocol/errors.ts'
import { Button } from '../../../parts/button.tsx'
import { hintFor, sentenceOf } from '../../../parts/error-words.ts'
import { SearchField } from '../../../parts/search-field.tsx'
import { say } from '../../../words/say.ts'
import { useTill } from '../../context.ts'
import { PinPad } from '../../parts/pin-pad.tsx'

/** With more names than this there is a field to look for one. */
const searchFrom = 12
const noDevices = new Map()

export function LogIn({ only }: { only?: string }): JSX.Element {
  const { clock, desk, link, scanner, settings, sounds } = useTill()
  const chosen = useSignal<string | undefined>(only)
  const badge = useSignal<string | undefined>(undefined)
  const text = useSignal('')
  const error = useSignal<{ text: string; todo: string } | undefined>(undefined)
  const lockedUntil = useSignal(0)
  const logIn = async (who: { employee?: string; pin?: string; badge?: string }) => {
    error.value = undefined
    try {
      await desk.logIn(who)
    } catch (thrown) {
      const failed = toHubError(thrown)
      // A badge alone was not enough: its owner has a PIN too.
      const { employee } = failed.context
      if (failed.code === 'till_invalid' && typeof employee === 'string') {
        chosen.value = employee
        return
      }
      sounds.play('unknown')
      if (failed.code === 'locked_out')
        lockedUntil.value = clock.read() + Number(failed.context.seconds) * 1_000
      error.value = { text: sentenceOf(failed, noDevices), todo: hintFor(failed.code, failed.who) }
    }
  }
  useEffect(
    () =>
      scanner.onScan((code) => {
        badge.value = code
        void logIn({ badge: code })
      }),
    [scanner],
  )
  const people = desk.employees.value
  const wanted = text.value.trim().toLowerCase()
  const shown = people.filter(({ name }) => name.toLowerCase().includes(wanted))
  const employee = people.find(({ id }) => id === chosen.value)
  const lockedFor = Math.max(0, Math.ceil((lockedUntil.value - clock.now.value) / 1_000))
  const away = link.stage.value !== 'online'
  return (
    <div class="log-in">
      <h1>{employee === undefined ? say('start.who') : employee.name}</h1>
      {away && <p class="hint">{say('till.needs_hub')}</p>}
      <div role="alert" class="start-error">
        {error.value !== undefined && (
          <p>
            {error.value.text} <small>{lockedFor > 0 ? '' : error.value.todo}</small>
          </p>
        )}
      </div>
      {employee === undefined ? (
        <>
          {people.length > searchFrom && (
            <SearchField
              label={say('start.who.search')}
              placeholder={say('start.who.search')}
              value={text.value}
              onInput={(typed) => {
                text.value = typed
              }}
            />
          )}
          <ul class="people">
            {shown.map(({ hasPin, id, name, right }) => (
              <li key={id}>
                <button
                  type="button"
                  class="person"
                  disabled={away || !hasPin}
                  onClick={() => {
                    chosen.value = id
                  }}
                >
                  <strong>{name}</strong>
                  <small>{hasPin ? say(`till.right.${right}`) : say('start.badge.only')}</small>
                </button>
              </li>
            ))}
          </ul>
          <p class="hint">{say('start.badge')}</p>
          {only === undefined && (
            <Button
              size="big"
              look="quiet"
              onPress={() => {
                settings.register.value = null
              }}
            >
              {say('till.menu.other')}
            </Button>
          )}
        </>
      ) : (
        <>
          <PinPad
            label={employee.name}
            lockedFor={lockedFor}
            onPin={(pin) =>
              logIn({
                employee: employee.id,
                pin,
                ...(badge.value !== undefined && { badge: badge.value }),
              })
            }
          />
          <Button
            size="big"
            look="quiet"
            onPress={() => {
              chosen.value = undefined
              error.value = undefined
            }}
          >
            {say('start.who.other')}
          </Button>
        </>
      )}
    </div>
  )
}
