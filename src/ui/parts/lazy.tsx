/** A view that is fetched when it is first looked at, so that the first page is there soon. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { say } from '../words/say.ts'
import { Button } from './button.tsx'
import { Icon } from './icon.tsx'

export type View = () => JSX.Element | null
export type LoadView = () => Promise<View>

export function Lazy({ load }: { load: LoadView }): JSX.Element | null {
  const found = useSignal<{ load: LoadView; view?: View } | undefined>(undefined)
  useEffect(() => {
    let wanted = true
    const take = (view?: View) => {
      if (wanted) found.value = view === undefined ? { load } : { load, view }
    }
    // It fails when the hub is away, or was updated since the page was opened.
    load().then(take, () => take())
    return () => {
      wanted = false
    }
  }, [load, found])
  if (found.value?.load !== load) return null
  const Shown = found.value.view
  if (Shown !== undefined) return <Shown />
  return (
    <div class="empty">
      <Icon name="absent" size={48} />
      <h2>{say('common.view_lost')}</h2>
      <Button look="main" size="big" onPress={() => location.reload()}>
        {say('common.reload')}
      </Button>
    </div>
  )
}
