/** Paying by keyboard alone: digits write the amount, Enter ends it, Escape goes back to the cart. */
import { useEffect } from 'preact/hooks'
import { useCommands } from '../../use-commands.ts'
import type { Tender } from './tender.ts'

const controls = 'button, a, input, select, textarea'

/** Enter on a control is the control's own. */
function useEnter(act: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Enter' || event.defaultPrevented || event.repeat) return
      if (document.querySelector('dialog[open]') !== null) return
      if (event.target instanceof Element && event.target.matches(controls)) return
      event.preventDefault()
      act()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  })
}

export function usePayKeys(
  tender: Tender,
  { back, validate }: { back: () => void; validate: () => void },
): void {
  useEnter(validate)
  const choose = (kind: 'cash' | 'card') => {
    const method = tender.methods.value.find((each) => each.kind === kind)
    if (method !== undefined) tender.add(method)
  }
  useCommands((command) => {
    switch (command.act) {
      case 'press':
        tender.press(command.key)
        return true
      case 'escape':
        back()
        return true
      case 'pay':
        validate()
        return true
      case 'exact':
        choose('cash')
        return true
      case 'card':
        choose('card')
        return true
      case 'remove':
        if (tender.selected.value !== null) tender.remove(tender.selected.value)
        return true
      case 'up':
      case 'down': {
        const rows = tender.payments.value
        const at = rows.findIndex(({ id }) => id === tender.selected.value)
        const to = rows[Math.min(rows.length - 1, Math.max(0, at + (command.act === 'up' ? -1 : 1)))]
        if (to !== undefined) tender.select(to.id)
        return true
      }
      default:
        return command.act === 'nothing'
    }
  })
}

/** After the receipt any of the keys that end something begin the next sale. */
export function useDoneKeys(next: () => void): void {
  useEnter(next)
  useCommands((command) => {
    if (command.act !== 'pay' && command.act !== 'escape') return false
    next()
    return true
  })
}
