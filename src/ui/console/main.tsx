/** Starts the console: the one place of it that builds its parts and touches the page. */
import { type Signal, signal } from '@preact/signals'
import { render } from 'preact'
import '../tokens.css'
import '../style.css'
import './styles/frame.css'
import './styles/gates.css'
import './styles/devices.css'
import './styles/faces.css'
import './styles/lists.css'
import './styles/finding.css'
import './styles/access.css'
import './styles/overview.css'
import { clientNameOf, takeCodeFromAddress } from '../parts/pairing.ts'
import { loadTheme } from '../parts/theme.tsx'
import { startClock } from '../parts/time.ts'
import { Toasts } from '../parts/toast.tsx'
import { speakAsWished } from '../words/say.ts'
import { consoleTongues } from '../words/tongues.ts'
import { App } from './app.tsx'
import { type Console, ConsoleProvider } from './context.ts'
import { JobsList } from './jobs-list.ts'
import { Session } from './session.ts'
import { ConsoleState, tellForced } from './state.ts'

async function start(): Promise<void> {
  const root = document.getElementById('app')
  if (root === null) return
  const code = takeCodeFromAddress(location, history)
  const setUpCode = takeCodeFromAddress(location, history, 'setup')
  const theme = loadTheme(localStorage)
  const clock = startClock()
  const state = new ConsoleState()
  const clientName = clientNameOf('Console', navigator.userAgent)
  const session = new Session({ storage: localStorage, location, state, clock, clientName })
  const jobs = new JobsList((params) => session.call('job.list', params))
  state.onJob((job) => jobs.put(job))
  const parts: Console = { state, session, jobs, toasts: new Toasts(clock), clock, theme, address: address() }
  state.onEvent((event) => tellForced(event, state, parts.toasts))
  // Together: the words are fetched while the hub is asked.
  const words = speakAsWished(localStorage, navigator.languages, consoleTongues)
  session.start(code)
  await words
  render(
    <ConsoleProvider value={parts}>
      <App code={code} setUpCode={setUpCode} />
    </ConsoleProvider>,
    root,
  )
}

/** Follows the part of the address after `#/`. */
function address(): Signal<string> {
  const read = () => location.hash.replace(/^#\/?/, '')
  const found = signal(read())
  addEventListener('hashchange', () => {
    found.value = read()
    scrollTo(0, 0)
  })
  return found
}

void start()
