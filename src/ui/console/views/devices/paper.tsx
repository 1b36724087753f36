/** The paper of a demo printer: what is in the printer on top, the receipts torn off below it, newest first. */
import { type Signal, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Device } from '../../../../protocol/device.ts'
import { say } from '../../../words/say.ts'
import { useConsole } from '../../context.ts'

/** How fast new paper comes out. */
const feedMsPerPixel = 2.5
const feedMsMax = 1_600

interface Picture {
  url: string
  revision: number
}

/** Follows the paper. Revisions that come faster than pictures are left out. */
function usePicture(device: string): Signal<Picture | undefined> {
  const { state, session } = useConsole()
  const picture = useSignal<Picture | undefined>(undefined)
  useEffect(() => {
    const live = state.live(device)
    let wanted = true
    let loading = false
    let again = false
    const show = (svg: string, revision: number) => {
      // As an image of its own, so that nothing in the picture can run or load.
      const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }))
      const before = picture.value
      picture.value = { url, revision }
      if (before !== undefined) URL.revokeObjectURL(before.url)
    }
    const load = async () => {
      again = true
      if (loading) return
      loading = true
      while (again && wanted) {
        again = false
        try {
          const { svg, revision, drawerOpen } = await session.call('demo.paper', { device })
          if (!wanted) break
          live.drawerOpen.value = drawerOpen
          if (revision !== picture.value?.revision) show(svg, revision)
        } catch {
          // Offline: the picture is asked for again when the connection is back.
        }
      }
      loading = false
    }
    const stopRevision = live.paperRevision.subscribe(() => void load())
    const stopLink = session.link.subscribe((link) => {
      if (link === 'online') void load()
    })
    return () => {
      wanted = false
      stopRevision()
      stopLink()
      if (picture.value !== undefined) URL.revokeObjectURL(picture.value.url)
    }
  }, [device, state, session, picture])
  return picture
}

export function Paper({ device }: { device: Device }): JSX.Element {
  const { state } = useConsole()
  const picture = usePicture(device.id)
  const scroller = useRef<HTMLElement>(null)
  const heightBefore = useRef<number | undefined>(undefined)
  const feed = (image: HTMLImageElement) => {
    const box = scroller.current
    if (box === null) return
    const grown = image.offsetHeight - (heightBefore.current ?? image.offsetHeight)
    heightBefore.current = image.offsetHeight
    box.scrollTop = 0
    if (grown <= 0 || matchMedia('(prefers-reduced-motion: reduce)').matches) return
    const shift = Math.min(grown, box.clientHeight)
    image.animate([{ transform: `translateY(-${shift}px)` }, { transform: 'none' }], {
      duration: Math.min(feedMsMax, shift * feedMsPerPixel),
      easing: 'linear',
    })
  }
  const drawerOpen = state.live(device.id).drawerOpen.value === true
  return (
    <div class="paper-side">
      <section
        ref={scroller}
        class="paper-window"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label={say('devices.paperOf', { name: device.name })}
      >
        {picture.value === undefined ? (
          <p class="paper-empty">{say('devices.paperNone')}</p>
        ) : (
          <img
            class="paper"
            src={picture.value.url}
            alt={say('devices.paperAlt', { name: device.name })}
            data-revision={picture.value.revision}
            onLoad={(event) => feed(event.currentTarget)}
          />
        )}
      </section>
      <div class="till-body" aria-hidden="true" />
      <div class={`till-drawer${drawerOpen ? ' open' : ''}`} aria-hidden="true">
        <span />
      </div>
    </div>
  )
}
