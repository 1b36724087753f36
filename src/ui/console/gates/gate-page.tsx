/** What all pages before the console share: the card in the middle, language and colours in the corner. */
import type { ComponentChildren, JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { Icon, type IconName } from '../../parts/icon.tsx'
import { useConsole } from '../context.ts'
import { PageTools } from '../frame/account.tsx'

interface GatePageProps {
  title: string
  icon?: IconName
  children: ComponentChildren
}

export function GatePage({ title, icon = 'bridge', children }: GatePageProps): JSX.Element {
  const { session } = useConsole()
  const hub = session.hubName.value
  useEffect(() => {
    document.title = `${title} – ${hub}`
  }, [title, hub])
  return (
    <main class="gate">
      <div class="gate-tools">
        <PageTools />
      </div>
      <div class="card gate-card">
        <div class="gate-head">
          <span class="mark mark-big">
            <Icon name={icon} size={32} />
          </span>
          <p class="gate-hub">{hub}</p>
        </div>
        <h1>{title}</h1>
        {children}
      </div>
    </main>
  )
}
