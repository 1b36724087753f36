/** Which display this page is, when that is not plain; and what to do when there is none. */
import type { JSX } from 'preact'
import { Button } from '../parts/button.tsx'
import type { DisplaySession } from './session.ts'

export function Choose({ session }: { session: DisplaySession }): JSX.Element {
  const choices = session.choices.value
  if (choices.length === 0) return <NoDisplay />
  return (
    <main class="setup">
      <div class="setup-text">
        <h1>Which display is this?</h1>
        <p>This browser remembers the answer.</p>
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
        <h1>The hub has no display for this page yet</h1>
        <p>
          A technician opens the console, goes to Ports, and presses “Add a screen”: class display, driver
          browser-display, port <code>page:counter</code>. This page takes it up by itself.
        </p>
      </div>
    </main>
  )
}
