/** Nobody is buying: the pictures of the shop in turn, or its name and the time. */
import { useComputed, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import type { UiClock } from '../parts/time.ts'
import { locale, say } from '../words/say.ts'

export const idleTimes = {
  pictureMs: 8_000,
} as const

/** A picture that would lose less than so much of itself fills the screen. */
const cropMax = 1.35

interface IdleProps {
  clock: UiClock
  shop: string
  /** Addresses. */
  pictures: readonly string[]
}

interface Picture {
  url: string
  fills: boolean
}

export function Idle({ clock, shop, pictures }: IdleProps): JSX.Element {
  const shown = usePictures(pictures, clock)
  if (shown.length === 0) return <Name clock={clock} shop={shop} />
  return (
    <div class="idle idle-pictures">
      {shown.map(({ url, fills }) => (
        <img
          key={url}
          class={fills ? 'picture picture-fills' : 'picture'}
          src={url}
          alt={say('display.picture', { shop })}
        />
      ))}
    </div>
  )
}

/** The picture that is on, behind it the one before; none while none can be loaded. */
function usePictures(urls: readonly string[], clock: UiClock): readonly Picture[] {
  const shown = useSignal<readonly Picture[]>([])
  const list = urls.join('\n')
  useEffect(() => {
    let wanted = true
    let cancel = () => {}
    const turn = async (index: number, failed: number) => {
      const url = urls[index % urls.length]
      if (url === undefined || failed >= urls.length) {
        shown.value = []
        return
      }
      const picture = await load(url)
      if (!wanted) return
      if (picture === undefined) return turn(index + 1, failed + 1)
      const before = shown.value.at(-1)
      shown.value = before === undefined || before.url === url ? [picture] : [before, picture]
      if (urls.length > 1) cancel = clock.after(idleTimes.pictureMs, () => void turn(index + 1, 0))
    }
    void turn(0, 0)
    return () => {
      wanted = false
      cancel()
    }
  }, [list])
  return shown.value
}

async function load(url: string): Promise<Picture | undefined> {
  const image = new Image()
  image.src = url
  try {
    await image.decode()
  } catch {
    // Not a picture, or gone: the next one is shown.
    return undefined
  }
  const wide = image.naturalWidth / image.naturalHeight / (innerWidth / innerHeight)
  return { url, fills: Math.max(wide, 1 / wide) < cropMax }
}

function Name({ clock, shop }: { clock: UiClock; shop: string }): JSX.Element {
  const minute = useComputed(() => Math.floor(clock.now.value / 60_000)).value
  const now = new Date(minute * 60_000)
  return (
    <div class="idle idle-name">
      <p class="idle-shop" dir="auto">
        {shop}
      </p>
      <p class="idle-time">
        <time dateTime={now.toISOString()}>
          {now.toLocaleTimeString(locale.value, { hour: '2-digit', minute: '2-digit' })}
        </time>
      </p>
      <p class="idle-date">
        {now.toLocaleDateString(locale.value, { weekday: 'long', day: 'numeric', month: 'long' })}
      </p>
    </div>
  )
}
