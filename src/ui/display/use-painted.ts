/** Calls back when what was rendered is on the screen. */
import { useLayoutEffect } from 'preact/hooks'

/**
 * `onPainted` is called once per `key`, after the frame that shows it: the first callback runs before that frame is painted,
 * the second before the next one. A page in the background paints nothing and calls nothing.
 */
export function usePainted(key: string, onPainted: () => void): void {
  useLayoutEffect(() => {
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(onPainted)
    })
    return () => cancelAnimationFrame(frame)
  }, [key])
}
