/** The list of pages: at the side of a wide screen, at the bottom of a narrow one with the rest on a sheet. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { Badge } from '../../parts/badge.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Icon } from '../../parts/icon.tsx'
import { say, sayCount } from '../../words/say.ts'
import { useConsole } from '../context.ts'
import type { Route, RouteGroup } from '../routes.ts'
import { AccountButton, PageTools } from './account.tsx'
import type { Counts } from './counts.ts'
import { HealthBadge } from './health.tsx'

const groups: readonly RouteGroup[] = ['shop', 'access', 'box']
/** Pages at the bottom of a narrow screen, the first that the role may see. */
const nearest = ['', 'devices', 'jobs', 'tills', 'events'] as const
const nearestMax = 4

export function viewWord({ path }: Route): string {
  const name = path === '' ? 'overview' : path
  return say(`shell.view.${name}`)
}

interface NavigationProps {
  routes: readonly Route[]
  current: Route
  counts: Counts
}

export function SideBar({ routes, current, counts }: NavigationProps): JSX.Element {
  return (
    <header class="side">
      <HubId />
      <nav class="side-nav" aria-label={say('shell.pages')}>
        <Groups routes={routes} current={current} counts={counts} />
      </nav>
      <div class="side-foot">
        <AccountButton />
        <PageTools />
      </div>
    </header>
  )
}

function Groups({ routes, current, counts }: NavigationProps): JSX.Element {
  return (
    <>
      {groups.map((group) => {
        const within = routes.filter((route) => route.group === group)
        return (
          within.length > 0 && (
            <div key={group} class="nav-group">
              <p class="nav-head" id={`nav-${group}`}>
                {say(`shell.group.${group}`)}
              </p>
              <ul aria-labelledby={`nav-${group}`}>
                {within.map((route) => (
                  <li key={route.path}>
                    <PageLink route={route} current={current} counts={counts} look="side" />
                  </li>
                ))}
              </ul>
            </div>
          )
        )
      })}
    </>
  )
}

interface PageLinkProps {
  route: Route
  current: Route
  counts: Counts
  look: 'side' | 'bar'
}

function PageLink({ route, current, counts, look }: PageLinkProps): JSX.Element {
  const count = counts[route.path] ?? 0
  const under = look === 'side' && route.under !== undefined
  return (
    <a
      class={under ? 'page-link page-under' : 'page-link'}
      href={`#/${route.path}`}
      aria-current={route === current ? 'page' : undefined}
    >
      <Icon name={route.icon} size={look === 'bar' ? 22 : 20} />
      <span class="page-word">{viewWord(route)}</span>
      {count > 0 && <Count count={count} />}
    </a>
  )
}

function Count({ count }: { count: number }): JSX.Element {
  return (
    <span class="count">
      <span aria-hidden="true">{count > 99 ? '99+' : count}</span>
      <span class="hidden-text">, {sayCount('shell.waiting', count)}</span>
    </span>
  )
}

export function TopBar(): JSX.Element {
  return (
    <header class="top">
      <HubId />
      <AccountButton short />
    </header>
  )
}

function HubId(): JSX.Element {
  const { state, session } = useConsole()
  return (
    <div class="hub-id">
      <span class="mark">
        <Icon name="bridge" size={24} />
      </span>
      <div class="hub-words">
        <p class="hub-name" title={state.hub.value?.name}>
          {session.hubName.value}
        </p>
        <p class="hub-facts">
          <HealthBadge />
          {state.hub.value?.demo === true && <Badge tone="doubt">{say('shell.demo')}</Badge>}
        </p>
      </div>
    </div>
  )
}

export function BottomBar({ routes, current, counts }: NavigationProps): JSX.Element {
  const open = useSignal(false)
  const near = nearest.flatMap((path) => routes.filter((route) => route.path === path)).slice(0, nearestMax)
  const rest = routes.filter((route) => !near.includes(route))
  const waiting = rest.reduce((sum, route) => sum + (counts[route.path] ?? 0), 0)
  const close = () => {
    open.value = false
  }
  return (
    <nav class="bottom" aria-label={say('shell.pages')}>
      {near.map((route) => (
        <PageLink key={route.path} route={route} current={current} counts={counts} look="bar" />
      ))}
      <button
        type="button"
        class="page-link"
        aria-haspopup="dialog"
        aria-current={rest.includes(current) ? 'page' : undefined}
        onClick={() => {
          open.value = true
        }}
      >
        <Icon name="more" size={22} />
        <span class="page-word">{say('shell.more')}</span>
        {waiting > 0 && <Count count={waiting} />}
      </button>
      {open.value && (
        <Dialog title={say('shell.pages')} onClose={close}>
          {/* biome-ignore lint/a11y/useKeyWithClickEvents: Enter on a link clicks it */}
          {/* biome-ignore lint/a11y/noStaticElementInteractions: only hears the links inside */}
          <div
            class="sheet"
            onClick={(event) => {
              if ((event.target as Element).closest('a') !== null) close()
            }}
          >
            <Groups routes={routes} current={current} counts={counts} />
          </div>
          <PageTools />
        </Dialog>
      )}
    </nav>
  )
}
