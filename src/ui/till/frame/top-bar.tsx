/** The bar above every screen: where one is, who is at the till, and the way to everything else. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { Icon } from '../../parts/icon.tsx'
import { say } from '../../words/say.ts'
import { useTill } from '../context.ts'
import type { Screen } from '../contract.ts'
import { TillIcon, type TillIconName } from '../parts/icons.tsx'
import { MoreMenu } from './more-menu.tsx'
import { StatusLine } from './status-line.tsx'

interface Place {
  screen: Screen
  icon: TillIconName
  text: string
  /** How many wait there. */
  count?: number
}

/** Paying is still selling. */
const placeOf = (screen: Screen): Screen => (screen === 'pay' || screen === 'done' ? 'sell' : screen)

export function TopBar(): JSX.Element {
  const { desk, sales, screen } = useTill()
  const open = useSignal(false)
  const parked = sales.parked.value.length
  const places: Place[] = [
    { screen: 'sell', icon: 'basket', text: say('till.nav.sell') },
    ...(desk.register.value?.restaurant
      ? [{ screen: 'floor' as const, icon: 'table' as const, text: say('till.nav.floor') }]
      : []),
    { screen: 'orders', icon: 'orders', text: say('till.nav.orders'), count: parked },
  ]
  const here = placeOf(screen.value)
  const who = desk.employee.value?.name
  return (
    <>
      <header class="top-bar">
        <p class="top-register">{desk.register.value?.name}</p>
        <nav aria-label={say('till.nav')}>
          {places.map((place) => (
            <button
              key={place.screen}
              type="button"
              class="top-place"
              aria-current={here === place.screen ? 'page' : undefined}
              onClick={() => {
                screen.value = place.screen
              }}
            >
              <TillIcon name={place.icon} />
              <span>{place.text}</span>
              {place.count !== undefined && place.count > 0 && <b class="top-count">{place.count}</b>}
            </button>
          ))}
        </nav>
        <StatusLine />
        {who !== undefined && (
          <button type="button" class="top-who" onClick={() => desk.lock()} title={say('till.menu.lock')}>
            <Icon name="lock" />
            <span>{who}</span>
          </button>
        )}
        <button
          type="button"
          class="top-place top-more"
          aria-haspopup="dialog"
          onClick={() => {
            open.value = true
          }}
        >
          <Icon name="more" size={24} />
          <span>{say('till.nav.more')}</span>
        </button>
      </header>
      {open.value && (
        <MoreMenu
          onClose={() => {
            open.value = false
          }}
        />
      )}
    </>
  )
}
