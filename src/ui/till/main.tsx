/** Starts the till: the one place of it that builds its parts and touches the page. */
import { signal } from '@preact/signals'
import { render } from 'preact'
import '../tokens.css'
import '../style.css'
import './styles/till.css'
import './styles/frame.css'
import './styles/start.css'
import './styles/sell.css'
import './styles/pay.css'
import './styles/orders.css'
import './styles/floor.css'
import './styles/cash.css'
import './styles/reports.css'
import { newId } from '../../protocol/client-core.ts'
import { clientNameOf, hubAddress, takeCodeFromAddress } from '../parts/pairing.ts'
import { startClock } from '../parts/time.ts'
import { Toasts } from '../parts/toast.tsx'
import { speakAsWished } from '../words/say.ts'
import { App, laterScreens } from './app.tsx'
import { LiveCart } from './cart/live-cart.ts'
import { TillProvider } from './context.ts'
import type { Screen, Till } from './contract.ts'
import { TillDesk } from './desk/desk.ts'
import { CustomerDisplay } from './display.ts'
import { BrowserJournal, openJournal } from './journal/journal.ts'
import { HubLink, tokenKey } from './link/link.ts'
import { takeTill } from './one-tab.ts'
import { NumberBlocks } from './queue/numbers.ts'
import { CallQueue } from './queue/queue.ts'
import { TillSales } from './sales/sales.ts'
import { TillScanner } from './scanner/scanner.ts'
import { Elsewhere } from './screens/start/elsewhere.tsx'
import { openSettings } from './settings.ts'
import { Copy, type CopyThread } from './shelf/copy.ts'
import { HubShelf } from './shelf/shelf.ts'
import { TillSounds } from './sounds.ts'
import { tillTongues } from './words/tongues.ts'

/** Screens that no sale needs are fetched when the first one has been drawn, in ms after it. */
const laterMs = 1_500

function startCopy(): CopyThread | undefined {
  if (typeof Worker === 'undefined' || typeof indexedDB === 'undefined') return undefined
  const worker = new Worker(new URL('./shelf/copy-worker.ts', import.meta.url), { type: 'module' })
  const thread: CopyThread = { postMessage: (question) => worker.postMessage(question), onmessage: null }
  worker.onmessage = ({ data }) => thread.onmessage?.({ data })
  return thread
}

async function start(): Promise<void> {
  const root = document.getElementById('app')
  if (root === null) return
  const code = takeCodeFromAddress(location, history)
  if (/(^|&)dir=rtl(&|$)/.test(location.hash.slice(1))) document.documentElement.dir = 'rtl'
  const words = speakAsWished(localStorage, navigator.languages, tillTongues)
  const clock = startClock()
  const clientName = clientNameOf('Till', navigator.userAgent)
  const settings = openSettings(localStorage, document.documentElement)
  const journal = await openJournal('tillbridge-till', globalThis.indexedDB)
  const link = new HubLink({ storage: localStorage, location, clock, clientName })
  const hub = () => {
    const token = localStorage.getItem(tokenKey)
    return token === null
      ? undefined
      : { rpc: new URL('api/v1/rpc', hubAddress(location, '..')).href, token, now: clock.read() }
  }
  const copy = new Copy({ link, clock, thread: startCopy(), hub })
  const shelf = new HubShelf({ link, journal, copy, register: () => settings.register.peek() })
  const queue = new CallQueue({
    link,
    journal,
    clock,
    by: () => desk.by(),
    locks: navigator.locks,
  })
  const desk: TillDesk = new TillDesk({ link, shelf, journal, settings, queue, clock, tab: sessionStorage })
  const cart = new LiveCart({ shelf, desk, clock, newId })
  const numbers = new NumberBlocks({ link, journal, desk, locks: navigator.locks })
  const sales = new TillSales({ link, journal, queue, numbers, desk, cart, shelf, clock, clientName })
  const scanner = new TillScanner({ link, settings, clock })
  const sounds = new TillSounds(settings)
  const toasts = new Toasts(clock)
  const screen = signal<Screen>('sell')
  const display = new CustomerDisplay({ link, desk, cart, sales, shelf, clock })
  const till: Till = {
    ...{
      link,
      journal,
      queue,
      numbers,
      settings,
      shelf,
      desk,
      cart,
      sales,
      scanner,
      sounds,
      toasts,
      clock,
      screen,
    },
  }
  let elsewhere = false
  takeTill(() => {
    elsewhere = true
    link.stop()
    render(<Elsewhere onTake={() => location.reload()} />, root)
  })
  // What this browser has kept comes first: it is there at once, with the hub or without.
  await Promise.all([shelf.start(), queue.start()])
  await desk.start()
  await sales.start()
  numbers.start()
  display.start()
  scanner.start(window)
  if (!elsewhere) link.start()
  desk.session.subscribe(() => queue.nudge())
  desk.login.subscribe(() => queue.nudge())
  await words
  if (elsewhere) return
  render(
    <TillProvider value={till}>
      <App code={code} toasts={toasts} />
    </TillProvider>,
    root,
  )
  clock.after(laterMs, () => {
    // Browsers allow it only where nobody could have changed the page on its way: https, or this very machine.
    if (import.meta.env.PROD && 'serviceWorker' in navigator)
      navigator.serviceWorker.register('sw.js').catch(() => undefined)
    for (const load of Object.values(laterScreens)) load().catch(() => undefined)
    if (journal instanceof BrowserJournal) void journal.persist(navigator.storage).catch(() => undefined)
  })
}

void start()
