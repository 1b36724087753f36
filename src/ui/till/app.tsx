/** The page: what must come before selling, else the screen that was chosen with the bar above it. */
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { Lazy, type LoadView } from '../parts/lazy.tsx'
import { ToastStack, type Toasts } from '../parts/toast.tsx'
import { say } from '../words/say.ts'
import { useTill } from './context.ts'
import type { Screen } from './contract.ts'
import { TopBar } from './frame/top-bar.tsx'
import { DoneScreen } from './screens/done/done-screen.tsx'
import { PayScreen } from './screens/pay/pay-screen.tsx'
import { SellScreen } from './screens/sell/sell-screen.tsx'
import { StartScreen } from './screens/start/start-screen.tsx'

/** What a sale needs is there from the start; the rest is fetched when the till has nothing else to do, see main.tsx. */
export const laterScreens: Readonly<Record<Exclude<Screen, 'sell' | 'pay' | 'done'>, LoadView>> = {
  orders: async () => (await import('./screens/orders/orders-screen.tsx')).OrdersScreen,
  floor: async () => (await import('./screens/floor/floor-screen.tsx')).FloorScreen,
  cash: async () => (await import('./screens/cash/cash-screen.tsx')).CashScreen,
  closing: async () => (await import('./screens/closing/closing-screen.tsx')).ClosingScreen,
  sessions: async () => (await import('./screens/sessions/sessions-screen.tsx')).SessionsScreen,
  reports: async () => (await import('./screens/reports/reports-screen.tsx')).ReportsScreen,
  settings: async () => (await import('./screens/settings/settings-screen.tsx')).SettingsScreen,
  state: async () => (await import('./screens/state/state-screen.tsx')).StateScreen,
}

function Chosen({ screen }: { screen: Screen }): JSX.Element {
  switch (screen) {
    case 'sell':
      return <SellScreen />
    case 'pay':
      return <PayScreen />
    case 'done':
      return <DoneScreen />
    default:
      return <Lazy load={laterScreens[screen]} />
  }
}

export function App({ code, toasts }: { code: string | undefined; toasts: Toasts }): JSX.Element {
  const { desk, link, screen } = useTill()
  const training = desk.training.value
  const stage = desk.stage.value
  // What was closed a moment ago is still to be read.
  const reading = stage === 'opening' && screen.value === 'closing'
  const inside = (stage === 'open' || reading) && link.stage.value !== 'unpaired'
  useEffect(() => {
    const touched = () => desk.touched()
    for (const event of ['pointerdown', 'keydown'] as const)
      addEventListener(event, touched, { passive: true })
    return () => {
      for (const event of ['pointerdown', 'keydown'] as const) removeEventListener(event, touched)
    }
  }, [desk])
  return (
    <div class={`till${training ? ' in-training' : ''}`}>
      {inside ? (
        <>
          <TopBar />
          {training && (
            <p class="training-band" role="status">
              <strong>{say('till.training')}</strong> {say('till.training.text')}
            </p>
          )}
          <Chosen screen={screen.value} />
        </>
      ) : (
        <StartScreen code={code} />
      )}
      <ToastStack toasts={toasts} />
    </div>
  )
}
