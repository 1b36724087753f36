/** The frame of the customer display: which of its screens is on, and the mark that the hub is out of reach. */
import type { JSX } from 'preact'
import { Icon } from '../parts/icon.tsx'
import type { UiClock } from '../parts/time.ts'
import { say } from '../words/say.ts'
import { Choose } from './choose.tsx'
import { Idle } from './idle.tsx'
import { Pairing } from './pairing.tsx'
import type { DisplaySession } from './session.ts'
import { Show } from './show.tsx'
import { usePainted } from './use-painted.ts'

interface AppProps {
  session: DisplaySession
  clock: UiClock
  code: string | undefined
}

export function App({ session, clock, code }: AppProps): JSX.Element {
  const stage = session.stage.value
  if (stage === 'unpaired') return <Pairing session={session} code={code} />
  if (stage === 'choosing') return <Choose session={session} />
  if (stage === 'connecting')
    return (
      <main class="setup">
        <h1 class="setup-wait">{say('display.connecting')}</h1>
      </main>
    )
  return <Screen session={session} clock={clock} />
}

function Screen({ session, clock }: { session: DisplaySession; clock: UiClock }): JSX.Element {
  const { attachment, document, revision } = session.shown.value
  usePainted(`${attachment}/${revision}`, () => session.painted(revision))
  return (
    <main class="screen" data-revision={revision}>
      <h1 class="hidden-text">{say('display.title')}</h1>
      {document === null ? (
        <Idle clock={clock} shop={session.shop.value} pictures={session.pictures.value} />
      ) : (
        <Show document={document} />
      )}
      {!session.online.value && (
        <p class="lost" role="status">
          <Icon name="absent" size={18} />
          <span>{say('display.lost')}</span>
        </p>
      )}
    </main>
  )
}
