/** The frame of the console: the list of pages, the header, the banner, and the page of the address. */
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Button } from '../../parts/button.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Lazy } from '../../parts/lazy.tsx'
import { say } from '../../words/say.ts'
import { roleText } from '../../words/things.ts'
import { useConsole } from '../context.ts'
import { type Route, routeOf, routes } from '../routes.ts'
import { useCounts } from './counts.ts'
import { BottomBar, SideBar, TopBar, viewWord } from './navigation.tsx'

export function Shell(): JSX.Element {
  const { session, address, state } = useConsole()
  const main = useRef<HTMLElement>(null)
  const role = session.role.value ?? 'monitor'
  const shown = routes.filter((route) => route.roles.includes(role))
  const route = routeOf(address.value, shown) as Route
  const counts = useCounts()
  const title = viewWord(route)
  const name = state.hub.value?.name
  useEffect(() => {
    document.title = name === undefined ? title : `${title} – ${name}`
  }, [title, name])
  const online = session.link.value === 'online'
  return (
    <div class="frame">
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        {say('shell.skip')}
      </button>
      <SideBar routes={shown} current={route} counts={counts} />
      <TopBar />
      <div class="page">
        <ConnectionBanner />
        <PairedNote />
        <main id="main" ref={main} tabIndex={-1}>
          <h1 class="page-title">{title}</h1>
          {session.ready.value ? (
            <fieldset class="plain" disabled={!online}>
              <Lazy load={route.load} />
            </fieldset>
          ) : (
            <p class="empty" role="status">
              {say('common.loading')}
            </p>
          )}
        </main>
      </div>
      <BottomBar routes={shown} current={route} counts={counts} />
    </div>
  )
}

/** What a person at a new till wants to know: it worked, and as what. */
function PairedNote(): JSX.Element {
  const { session } = useConsole()
  const person = session.person.value
  const shown = session.justPaired.value && person !== undefined && person.name !== ''
  return (
    <div role="status">
      {shown && (
        <div class="paired-note">
          <Icon name="ready" />
          <p>{say('shell.paired', { name: person.name, role: roleText(person.role) })}</p>
          <Button
            look="quiet"
            icon="close"
            label={say('common.dismiss')}
            onPress={() => {
              session.justPaired.value = false
            }}
          />
        </div>
      )}
    </div>
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
            <strong>{say('shell.lost.title')}</strong>{' '}
            {say(session.link.value === 'connecting' ? 'shell.lost.connecting' : 'shell.lost.again')}{' '}
            {say('shell.lost.old')}
          </p>
          <Button onPress={() => session.retry()}>{say('shell.lost.now')}</Button>
        </div>
      )}
    </div>
  )
}
