/** The first screen of a browser that the hub does not know: one field for the code. */
import type { JSX } from 'preact'
import { Icon } from '../../parts/icon.tsx'
import { bareCode } from '../../parts/pairing.ts'
import { CodeField, Refusal, usePairing } from '../../parts/pairing-form.tsx'
import { ThemeToggle } from '../../parts/theme.tsx'
import { useConsole } from '../context.ts'

export function PairingView({ code: given }: { code: string | undefined }): JSX.Element {
  const { session, theme } = useConsole()
  const form = usePairing(session, given, ({ field }) => field.current?.select())
  const { code, working } = form
  return (
    <main class="pairing">
      <div class="pairing-theme">
        <ThemeToggle theme={theme} />
      </div>
      <form class="card pairing-card" onSubmit={form.submit}>
        <span class="mark mark-big">
          <Icon name="bridge" size={40} />
        </span>
        <h1>Pair this browser</h1>
        <p class="lead">
          Type the code that the hub prints or shows at its start, or that another console made under Clients.
        </p>
        <CodeField
          form={form}
          look="code-input"
          inputMode="numeric"
          refusalId="pair-error"
          onWrite={(text) => {
            code.value = text
          }}
        />
        <Refusal form={form} id="pair-error" look="form-error" />
        <button
          type="submit"
          class="button look-main size-big"
          aria-busy={working.value || undefined}
          disabled={bareCode(code.value) === ''}
        >
          {working.value ? 'Pairing …' : 'Pair'}
        </button>
      </form>
    </main>
  )
}
