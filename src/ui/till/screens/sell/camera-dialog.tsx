/** The camera as a scanner, for a till that has none: it reads until a code was found or the dialog is closed. */
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Dialog } from '../../../parts/dialog.tsx'
import { say } from '../../../words/say.ts'
import { tellError, useTill } from '../../context.ts'
import type { Selling } from './asking.ts'

export function CameraDialog({ selling }: { selling: Selling }): JSX.Element {
  const till = useTill()
  const video = useRef<HTMLVideoElement>(null)
  useEffect(() => {
    const stop = new AbortController()
    if (video.current !== null)
      till.scanner.readCamera(video.current, stop.signal).then(
        (code) => {
          selling.done()
          till.scanner.feed(code)
        },
        (error: unknown) => {
          if (stop.signal.aborted) return
          selling.done()
          tellError(till, error)
        },
      )
    return () => stop.abort()
  }, [selling, till])
  return (
    <Dialog title={say('sell.camera')} onClose={selling.done}>
      <video ref={video} class="camera" muted playsInline aria-label={say('sell.camera.hold')} />
      <p class="hint">{say('sell.camera.hold')}</p>
    </Dialog>
  )
}
