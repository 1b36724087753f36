/** What waits for a restart of the hub, and the button for it; the connection comes back by itself. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { Badge } from '../../../parts/badge.tsx'
import { Button } from '../../../parts/button.tsx'
import { Confirm } from '../../../parts/dialog.tsx'
import { say, sayCount } from '../../../words/say.ts'
import { useActions } from '../../context.ts'
import { labelOf } from './config-words.ts'

/** Another address than the page has: it cannot come back by itself. */
const movingPaths = new Set(['http.bind', 'http.port', 'https.port', 'https.enabled', 'network.name'])

export function RestartNote({ paths }: { paths: readonly string[] }): JSX.Element | null {
  const { call } = useActions()
  const asking = useSignal(false)
  if (paths.length === 0) return null
  const moves = paths.some((path) => movingPaths.has(path))
  return (
    <section class="box-note wait" aria-label={say('box.form.needsRestart')}>
      <p>
        <Badge tone="wait" icon="restart">
          {say('box.form.needsRestart')}
        </Badge>{' '}
        {sayCount('box.restart.waiting', paths.length)} {paths.map(labelOf).join(', ')}
      </p>
      {moves && <p>{say('box.restart.moves')}</p>}
      <div class="actions">
        <Button
          look="main"
          icon="restart"
          onPress={() => {
            asking.value = true
          }}
        >
          {say('box.restart.now')}
        </Button>
      </div>
      {asking.value && (
        <Confirm
          title={say('box.restart.title')}
          text={say('box.restart.text')}
          doIt={say('box.restart.now')}
          onConfirm={() => call('hub.restart', {}, say('box.restart.begun'))}
          onClose={() => {
            asking.value = false
          }}
        />
      )}
    </section>
  )
}
