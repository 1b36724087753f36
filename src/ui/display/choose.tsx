/** Which display this page is, when that is not plain; and what to do when there is none. */
import type { JSX } from 'preact'
import { Button } from '../parts/button.tsx'
import { say } from '../words/say.ts'
import type { DisplaySession } from './session.ts'

export function Choose({ session }: { session: DisplaySession }): JSX.Element {
  const choices = session.choices.value
  if (choices.length === 0) return <NoDisplay />
  return (
    <main class="setup">
      <div class="setup-text">
        <h1>{say('display.choose')}</h1>
        <p>{say('display.choose.remembers')}</p>
      </div>
      <ul class="setup-choices">
        {choices.map((device) => (
          <li key={device.id}>
            <Button size="big" icon="display" onPress={() => session.choose(device.id)}>
              {device.name}
            </Button>
          </li>
        ))}
      </ul>
    </main>
  )
}

function NoDisplay(): JSX.Element {
  return (
    <main class="setup">
      <div class="setup-text">
        <h1>{say('display.none')}</h1>
        <p>{say('display.none.todo')}</p>
      </div>
    </main>
  )
}
