/** Starts the console: the one place of it that builds its parts and touches the page. */
import { render } from 'preact'
import '../tokens.css'
import '../style.css'
import './styles/frame.css'
import './styles/devices.css'
import './styles/faces.css'
import './styles/lists.css'
import './styles/finding.css'
import { clientNameOf, takeCodeFromAddress } from '../parts/pairing.ts'
import { loadTheme } from '../parts/theme.tsx'
import { startClock } from '../parts/time.ts'
import { Toasts } from '../parts/toast.tsx'
import { App } from './app.tsx'
import { type Console, ConsoleProvider } from './context.ts'
import { JobsList } from './jobs-list.ts'
import { Session } from './session.ts'
import { ConsoleState, tellForced } from './state.ts'

function start(): void {
  const root = document.getElementById('app')
  if (root === null) return
  const code = takeCodeFromAddress(location, history)
  const clock = startClock()
  const state = new ConsoleState()
  const clientName = clientNameOf('Console', navigator.userAgent)
  const session = new Session({ storage: localStorage, location, state, clock, clientName })
  const jobs = new JobsList((params) => session.call('job.list', params))
  state.onJob((job) => jobs.put(job))
  const parts: Console = {
    state,
    session,
    jobs,
    toasts: new Toasts(clock),
    clock,
    theme: loadTheme(localStorage),
  }
  state.onEvent((event) => tellForced(event, state, parts.toasts))
  session.start()
  render(
    <ConsoleProvider value={parts}>
      <App code={code} />
    </ConsoleProvider>,
    root,
  )
}

start()
