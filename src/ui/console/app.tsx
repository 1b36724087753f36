/** The frame of the console: header, tabs, banner, the view of the address, messages. */
import { type Signal, useComputed, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Badge } from '../parts/badge.tsx'
import { Button } from '../parts/button.tsx'
import { Icon, type IconName } from '../parts/icon.tsx'
import { ThemeToggle } from '../parts/theme.tsx'
import { ToastStack } from '../parts/toast.tsx'
import { useConsole } from './context.ts'
import { ClientsView } from './views/clients.tsx'
import { DevicesView } from './views/devices.tsx'
import { EventsView } from './views/events.tsx'
import { HealthBadge, HubPanel } from './views/hub-panel.tsx'
import { JobsView } from './views/jobs.tsx'
import { PairingView } from './views/pairing.tsx'
import { PortsView } from './views/ports.tsx'

interface Tab {
  path: string
  word: string
  icon: IconName
  technician: boolean
  view: () => JSX.Element
}

const devicesTab: Tab = { path: '', word: 'Devices', icon: 'printer', technician: false, view: DevicesView }
const tabs: readonly Tab[] = [
  devicesTab,
  { path: 'jobs', word: 'Jobs', icon: 'jobs', technician: false, view: JobsView },
  { path: 'ports', word: 'Ports', icon: 'plug', technician: true, view: PortsView },
  { path: 'clients', word: 'Clients', icon: 'clients', technician: true, view: ClientsView },
  { path: 'events', word: 'Events', icon: 'events', technician: false, view: EventsView },
]

/** The part of the address after `#/`. */
function useAddress(): Signal<string> {
  const read = () => location.hash.replace(/^#\/?/, '')
  const address = useSignal(read())
  useEffect(() => {
    const follow = () => {
      address.value = read()
      scrollTo(0, 0)
    }
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [address])
  return address
}

export function App({ code }: { code: string | undefined }): JSX.Element {
  const { session, toasts } = useConsole()
  return (
    <>
      {session.link.value === 'unpaired' ? <PairingView code={code} /> : <Shell />}
      <ToastStack toasts={toasts} />
    </>
  )
}

function Shell(): JSX.Element {
  const { session } = useConsole()
  const address = useAddress()
  const main = useRef<HTMLElement>(null)
  const shown = tabs.filter((tab) => !tab.technician || session.role.value === 'technician')
  const tab = shown.find((candidate) => candidate.path === address.value) ?? devicesTab
  const View = tab.view
  const online = session.link.value === 'online'
  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <Header tabs={shown} current={tab} />
      <ConnectionBanner />
      <main id="main" ref={main} tabIndex={-1}>
        <h1 class="hidden-text">{tab.word}</h1>
        {session.ready.value ? (
          <fieldset class="plain" disabled={!online}>
            <View />
          </fieldset>
        ) : (
          <p class="empty" role="status">
            Asking the hub …
          </p>
        )}
      </main>
    </>
  )
}

function Header({ tabs: shown, current }: { tabs: readonly Tab[]; current: Tab }): JSX.Element {
  const { state, theme } = useConsole()
  const panelOpen = useSignal(false)
  const hub = state.hub.value
  const clients = hub?.clients ?? 0
  return (
    <header class="top">
      <div class="top-row">
        <button
          type="button"
          class="hub-button"
          aria-haspopup="dialog"
          onClick={() => {
            panelOpen.value = true
          }}
        >
          <span class="mark">
            <Icon name="bridge" size={24} />
          </span>
          <span class="hub-id">
            <span class="hub-name">{hub?.name ?? 'Tillbridge'}</span>
            <HealthBadge />
          </span>
        </button>
        <div class="top-facts">
          {hub?.demo === true && <Badge tone="doubt">Demo</Badge>}
          <span class="client-count">
            {clients} {clients === 1 ? 'client' : 'clients'}
          </span>
          <ThemeToggle theme={theme} />
        </div>
        <nav class="tabs" aria-label="Views">
          {shown.map((tab) => (
            <a key={tab.path} href={`#/${tab.path}`} aria-current={tab === current ? 'page' : undefined}>
              <Icon name={tab.icon} size={22} />
              <span>{tab.word}</span>
              {tab.path === 'jobs' && <UnknownCount />}
            </a>
          ))}
        </nav>
      </div>
      {panelOpen.value && (
        <HubPanel
          onClose={() => {
            panelOpen.value = false
          }}
        />
      )}
    </header>
  )
}

/** Jobs that wait for a person's word. */
function UnknownCount(): JSX.Element | null {
  const { state } = useConsole()
  const count = useComputed(() => state.unknownJobs.value.length).value
  if (count === 0) return null
  return (
    <span class="count">
      {count > 99 ? '99+' : count}
      <span class="hidden-text"> not known</span>
    </span>
  )
}

function ConnectionBanner(): JSX.Element {
  const { session } = useConsole()
  const lost = session.ready.value && session.link.value !== 'online'
  return (
    <div role="status" aria-live="polite">
      {lost && (
        <div class="banner">
          <Icon name="absent" />
          <p>
            <strong>Connection to the hub is lost.</strong>{' '}
            {session.link.value === 'connecting' ? 'Connecting …' : 'Trying again by itself.'} What you see is
            the last that was known.
          </p>
          <Button onPress={() => session.retry()}>Try now</Button>
        </div>
      )}
    </div>
  )
}
