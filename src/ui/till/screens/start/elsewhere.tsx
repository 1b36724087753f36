/** Another tab of this browser has the till. */
import type { JSX } from 'preact'
import { Button } from '../../../parts/button.tsx'
import { say } from '../../../words/say.ts'

export function Elsewhere({ onTake }: { onTake: () => void }): JSX.Element {
  return (
    <main class="start-screen">
      <section class="start-card card stack" role="alert">
        <h1>{say('start.elsewhere')}</h1>
        <p>{say('start.elsewhere.text')}</p>
        <Button size="big" look="main" onPress={onTake}>
          {say('start.elsewhere.do')}
        </Button>
      </section>
    </main>
  )
}
