/** A browser that the hub does not know yet: the code of the console makes it a till. */
import type { JSX } from 'preact'
import { Button } from '../../../parts/button.tsx'
import { CodeField, type PairingSession, Refusal, usePairing } from '../../../parts/pairing-form.tsx'
import { say } from '../../../words/say.ts'
import { useTill } from '../../context.ts'

export function PairTill({ code }: { code: string | undefined }): JSX.Element {
  const { link } = useTill()
  const form = usePairing(link as unknown as PairingSession, code, ({ code: typed, field }) => {
    typed.value = ''
    field.current?.focus()
  })
  return (
    <main class="start-screen">
      <form class="start-card card stack" onSubmit={form.submit}>
        <h1>{say('start.pair')}</h1>
        <p>{say('start.pair.lead')}</p>
        <CodeField
          form={form}
          look="pair-code amount"
          inputMode="numeric"
          refusalId="pair-refusal"
          onWrite={(text) => {
            form.code.value = text
          }}
        />
        <Refusal form={form} id="pair-refusal" look="field-error" />
        <Button size="big" look="main" disabled={form.working.value} onPress={() => form.pair()}>
          {say('start.pair.do')}
        </Button>
      </form>
    </main>
  )
}
