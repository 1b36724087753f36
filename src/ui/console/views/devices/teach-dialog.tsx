/** Finds the keyboard that is a scanner: shows a code that only a scanner can type, and waits for it to be typed. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import type { PortRecord } from '../../../../protocol/device.ts'
import { type HubError, toHubError } from '../../../../protocol/errors.ts'
import { Button } from '../../../parts/button.tsx'
import { Dialog } from '../../../parts/dialog.tsx'
import { Icon } from '../../../parts/icon.tsx'
import { countdownText } from '../../../parts/time.ts'
import { say } from '../../../words/say.ts'
import { layoutWord } from '../../../words/things.ts'
import { useConsole } from '../../context.ts'
import { FormError } from '../../frame/form-error.tsx'
import type { Lesson } from '../../state.ts'
import { isCandidate, type Suggestion } from '../../use-ports.ts'
import { useAccept } from './candidates.tsx'

const teachTimes = {
  lessonMs: 60_000,
  /** On top of the lesson, for the answer to arrive. */
  answerMs: 5_000,
} as const

interface TeachDialogProps {
  onAdded: (id: string) => void
  onClose: () => void
}

export function TeachDialog({ onAdded, onClose }: TeachDialogProps): JSX.Element {
  const { state, session, clock } = useConsole()
  const found = useSignal<PortRecord | undefined>(undefined)
  const error = useSignal<HubError | undefined>(undefined)
  const teach = async () => {
    error.value = undefined
    try {
      state.lesson.value ??= await session.call('port.teach.start', { ms: teachTimes.lessonMs })
      const { teach: id } = state.lesson.value
      found.value = await session.call(
        'port.teach.wait',
        { teach: id },
        { timeoutMs: teachTimes.lessonMs + teachTimes.answerMs },
      )
      state.putPort(found.value)
    } catch (thrown) {
      error.value = toHubError(thrown)
    }
    state.lesson.value = undefined
  }
  useEffect(() => {
    // A lesson that was left goes on at the hub: the dialog takes it up again.
    if (Date.parse(state.lesson.peek()?.expiresAt ?? '') <= clock.read()) state.lesson.value = undefined
    void teach()
  }, [])
  return (
    <Dialog title={say('devices.teach')} onClose={onClose}>
      {found.value !== undefined ? (
        <Found port={found.value} onAdded={onAdded} onClose={onClose} />
      ) : error.value !== undefined ? (
        <Failed error={error.value} onAgain={teach} />
      ) : state.lesson.value === undefined ? (
        <p role="status">{say('devices.teachAsking')}</p>
      ) : (
        <Showing lesson={state.lesson.value} />
      )}
    </Dialog>
  )
}

function Showing({ lesson }: { lesson: Lesson }): JSX.Element {
  const { clock } = useConsole()
  // The second hand may be up to a second behind.
  const left = Math.min(teachTimes.lessonMs, Date.parse(lesson.expiresAt) - clock.now.value)
  return (
    <>
      <p>{say('devices.teachText')}</p>
      <p class="teach-picture">
        {/* As an image, so that nothing in it can run. */}
        <img
          src={`data:image/svg+xml,${encodeURIComponent(lesson.svg)}`}
          alt={say('devices.teachAlt', { code: lesson.code })}
          data-teach={lesson.code}
        />
      </p>
      <p class="pair-left" role="timer">
        {say('devices.teachWaiting', { left: countdownText(left) })}
      </p>
    </>
  )
}

function Failed({ error, onAgain }: { error: HubError; onAgain: () => unknown }): JSX.Element {
  return (
    <>
      <FormError error={error} />
      <p class="hint">{say('devices.teachHelp')}</p>
      <div class="actions end">
        <Button size="big" look="main" onPress={onAgain}>
          {say('devices.teachAgain')}
        </Button>
      </div>
    </>
  )
}

interface FoundProps extends TeachDialogProps {
  port: PortRecord
}

function Found({ port, onAdded, onClose }: FoundProps): JSX.Element {
  const accept = useAccept()
  if (!isCandidate(port)) return <p>{say('devices.foundThing', { thing: port.label })}</p>
  const add = async () => {
    const id = await accept(port, port.suggestion)
    if (id === undefined) return
    onAdded(id)
    onClose()
  }
  return (
    <>
      <div class="teach-found" role="status">
        <Icon name="ready" size={32} />
        <div>
          <p>
            <strong>{say('devices.teachIs', { name: port.label })}</strong>
          </p>
          <p>{layoutSentence(port.suggestion)}</p>
        </div>
      </div>
      <div class="actions end">
        <Button size="big" look="main" icon="add" onPress={add}>
          {say('devices.teachAdd')}
        </Button>
      </div>
    </>
  )
}

function layoutSentence({ settings }: Suggestion): string {
  const layout = settings?.layout
  const caps = settings?.capsLock === 'on' ? ` ${say('devices.teachCaps')}` : ''
  if (typeof layout !== 'string') return say('devices.teachPlain') + caps
  return say('devices.teachLayout', { layout: layoutWord(layout) }) + caps
}
