/** What is on the screen: a page that stands before the console, or the console in its frame; and the messages. */
import type { JSX } from 'preact'
import { ToastStack } from '../parts/toast.tsx'
import { useConsole } from './context.ts'
import { Shell } from './frame/shell.tsx'
import { AwayGate, PlainGate } from './gates/closed.tsx'
import { LogInGate } from './gates/log-in.tsx'
import { PairingGate } from './gates/pairing.tsx'
import { SetUpGate } from './gates/set-up.tsx'

interface AppProps {
  /** From the address: pairs this browser, or makes the first owner. */
  code: string | undefined
  setUpCode: string | undefined
}

export function App({ code, setUpCode }: AppProps): JSX.Element {
  const { session, toasts } = useConsole()
  return (
    <>
      {screenOf()}
      <ToastStack toasts={toasts} />
    </>
  )

  function screenOf(): JSX.Element | null {
    switch (session.gate.value) {
      case 'asking':
        return null
      case 'away':
        return <AwayGate />
      case 'plain':
        return <PlainGate code={code} setUpCode={setUpCode} />
      case 'setup':
        return <SetUpGate code={setUpCode} />
      case 'login':
        return <LogInGate />
      case 'pair':
        return <PairingGate code={code} />
      case 'in':
        return <Shell />
    }
  }
}
