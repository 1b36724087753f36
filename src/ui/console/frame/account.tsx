/** Who is using the console: name, role, own password, leaving; and how the page looks and speaks. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Icon } from '../../parts/icon.tsx'
import { LanguageMenu } from '../../parts/language.tsx'
import { ThemeToggle } from '../../parts/theme.tsx'
import { say } from '../../words/say.ts'
import { roleText, roleWord } from '../../words/things.ts'
import { consoleTongues } from '../../words/tongues.ts'
import { useActions, useConsole } from '../context.ts'
import { OwnPasswordForm } from './own-password.tsx'

export function PageTools(): JSX.Element {
  const { theme } = useConsole()
  return (
    <div class="page-tools">
      <LanguageMenu tongues={consoleTongues} />
      <ThemeToggle theme={theme} />
    </div>
  )
}

export function AccountButton({ short = false }: { short?: boolean }): JSX.Element {
  const { session } = useConsole()
  const open = useSignal(false)
  const person = session.person.value
  const role = session.role.value
  const name = person?.name ?? say('shell.account.browser')
  return (
    <>
      <button
        type="button"
        class={short ? 'account account-short' : 'account'}
        aria-haspopup="dialog"
        aria-label={short ? say('shell.account.of', { name }) : undefined}
        onClick={() => {
          open.value = true
        }}
      >
        <span class="account-sign">
          <Icon name={person?.user === undefined ? 'clients' : 'person'} size={20} />
        </span>
        {!short && (
          <span class="account-words">
            <span class="account-name">{name}</span>
            <span class="account-role">{role !== undefined && roleWord(role)}</span>
          </span>
        )}
      </button>
      {open.value && (
        <AccountDialog
          name={name}
          onClose={() => {
            open.value = false
          }}
        />
      )}
    </>
  )
}

function AccountDialog({ name, onClose }: { name: string; onClose: () => void }): JSX.Element {
  const { session } = useConsole()
  const { attempt } = useActions()
  const step = useSignal<'menu' | 'password' | 'forget'>('menu')
  const loggedIn = session.person.value?.user !== undefined
  const role = session.role.value
  const leave = () => attempt(() => session.leave())
  if (step.value === 'password')
    return (
      <Dialog key="password" title={say('shell.password.change')} onClose={onClose}>
        <OwnPasswordForm onDone={onClose} />
      </Dialog>
    )
  return (
    <Dialog key="menu" title={name} onClose={onClose}>
      <p>{role !== undefined && roleText(role)}</p>
      {!loggedIn && <p class="hint">{say('shell.account.paired')}</p>}
      {step.value === 'forget' ? (
        <>
          <p>{say('shell.forget.after')}</p>
          <div class="actions end">
            <Button
              onPress={() => {
                step.value = 'menu'
              }}
            >
              {say('common.keep')}
            </Button>
            <Button look="danger" onPress={leave}>
              {say('shell.forget.yes')}
            </Button>
          </div>
        </>
      ) : (
        <div class="account-actions">
          {loggedIn && (
            <Button
              size="big"
              icon="key"
              onPress={() => {
                step.value = 'password'
              }}
            >
              {say('shell.password.change')}
            </Button>
          )}
          {loggedIn ? (
            <Button size="big" icon="leave" onPress={leave}>
              {say('shell.log_out')}
            </Button>
          ) : (
            <Button
              size="big"
              icon="leave"
              onPress={() => {
                step.value = 'forget'
              }}
            >
              {say('shell.forget')}
            </Button>
          )}
        </div>
      )}
      <PageTools />
    </Dialog>
  )
}
