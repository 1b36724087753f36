/** Whatever comes before selling: pairing, the choice of a register, log-in, opening with counted cash, the lock. */
import type { JSX } from 'preact'
import { say } from '../../../words/say.ts'
import { useTill } from '../../context.ts'
import { standingOf } from '../../frame/standing.ts'
import { ChooseRegister } from './choose-register.tsx'
import { LockScreen } from './lock-screen.tsx'
import { LogIn } from './log-in.tsx'
import { OpenRegister } from './open-register.tsx'
import { PairTill } from './pair-till.tsx'

export function StartScreen({ code }: { code: string | undefined }): JSX.Element {
  const till = useTill()
  const { desk, link, shelf } = till
  const stage = link.stage.value
  if (stage === 'unpaired') return <PairTill code={code} />
  const waits = stage === 'connecting' && !shelf.ready.value
  return (
    <main class="start-screen">
      <header class="start-head">
        <strong>{shelf.shop.value.name || link.hubName.value || say('till.title')}</strong>
        <span class={`start-link tone-${standingOf(till).tone}`}>{standingOf(till).hub}</span>
      </header>
      {waits ? (
        <p class="start-waits">{say('till.status.connecting')}</p>
      ) : (
        <Stage stage={desk.stage.value} />
      )}
    </main>
  )
}

function Stage({
  stage,
}: {
  stage: ReturnType<typeof useTill>['desk']['stage']['value']
}): JSX.Element | null {
  switch (stage) {
    case 'register':
      return <ChooseRegister />
    case 'login':
      return <LogIn />
    case 'locked':
      return <LockScreen />
    case 'opening':
      return <OpenRegister />
    case 'open':
      return null
  }
}
