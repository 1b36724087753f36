/** The page that pairs a browser with a code: by itself when the code stands in the address. */
import type { JSX } from 'preact'
import { Button } from '../../parts/button.tsx'
import { bareCode } from '../../parts/pairing.ts'
import { CodeField, usePairing } from '../../parts/pairing-form.tsx'
import { say } from '../../words/say.ts'
import { useConsole } from '../context.ts'
import { FormError, useLockedMs } from '../frame/form-error.tsx'
import { GatePage } from './gate-page.tsx'

export function PairingGate({ code: given }: { code: string | undefined }): JSX.Element {
  const { session } = useConsole()
  const form = usePairing(session, given, ({ field }) => field.current?.select())
  const { code, working, error } = form
  const locked = useLockedMs(error.value) > 0
  return (
    <GatePage title={say('shell.pair.title')} icon="tills">
      <p class="lead">{say('shell.pair.lead')}</p>
      <form class="form" onSubmit={form.submit}>
        <CodeField
          form={form}
          look="code-input"
          inputMode="numeric"
          refusalId="pair-error"
          onWrite={(text) => {
            code.value = text
          }}
        />
        <FormError id="pair-error" error={error.value} />
        <button
          type="submit"
          class="button look-main size-big"
          aria-busy={working.value || undefined}
          disabled={bareCode(code.value) === '' || locked}
        >
          {say(working.value ? 'shell.pair.doing' : 'shell.pair.do')}
        </button>
      </form>
      <Button look="quiet" onPress={() => session.choose('login')}>
        {say('shell.pair.login')}
      </Button>
    </GatePage>
  )
}
