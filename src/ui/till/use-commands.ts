/** The keyboard on a screen: each key as a command, unless a dialog is in front or a text is being typed. */
import { useEffect } from 'preact/hooks'
import { commandOf, type KeyCommand } from './keys.ts'

const textFields = 'input:not([type="checkbox"]):not([type="radio"]), textarea, select'

/** `take` answers true for a key that it had a use for: the browser does not get it then. */
export function useCommands(take: (command: KeyCommand, inText: boolean) => boolean): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || document.querySelector('dialog[open]') !== null) return
      const inText = event.target instanceof Element && event.target.matches(textFields)
      const command = commandOf(event, { inText })
      if (command !== undefined && take(command, inText)) event.preventDefault()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  })
}
