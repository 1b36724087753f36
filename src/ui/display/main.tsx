/** Starts the customer display: the one place of it that builds its parts and touches the page. */
import { render } from 'preact'
import '../tokens.css'
import '../style.css'
import './styles/setup.css'
import './styles/show.css'
import { clientNameOf, takeCodeFromAddress } from '../parts/pairing.ts'
import { startClock } from '../parts/time.ts'
import { speakAsWished } from '../words/say.ts'
import { readWishes } from './address.ts'
import { App } from './app.tsx'
import { DisplaySession } from './session.ts'
import { keepAwake } from './wake-lock.ts'
import { displayTongues } from './words/tongues.ts'

async function start(): Promise<void> {
  const root = document.getElementById('app')
  if (root === null) return
  const code = takeCodeFromAddress(location, history)
  const { device, theme } = readWishes(location.hash)
  if (theme !== undefined) document.documentElement.dataset.theme = theme
  // The display is chosen as the page opens: another one in the address is another page.
  addEventListener('hashchange', () => location.reload())
  const clock = startClock()
  const clientName = clientNameOf('Display', navigator.userAgent)
  const session = new DisplaySession({
    storage: localStorage,
    location,
    history,
    clock,
    clientName,
    wanted: device,
  })
  keepAwake(document, navigator)
  const words = speakAsWished(localStorage, navigator.languages, displayTongues)
  session.start()
  await words
  render(<App session={session} clock={clock} code={code} />, root)
}

void start()
