/** Buttons: a finger's width at least, busy while their action runs, and never pressed twice for one press. */
import { useSignal } from '@preact/signals'
import type { ComponentChildren, JSX } from 'preact'
import { Icon, type IconName } from './icon.tsx'

export interface ButtonProps {
  /** What the button does; while its promise is open the button is busy. Errors are the action's own affair. */
  onPress: () => unknown
  children?: ComponentChildren
  icon?: IconName
  /** The name for a screen reader when the button shows an icon only. */
  label?: string
  look?: 'main' | 'plain' | 'quiet' | 'danger'
  /** `big` is 64 px high. */
  size?: 'big' | 'normal'
  disabled?: boolean
  pressed?: boolean
  title?: string
}

export function Button(props: ButtonProps): JSX.Element {
  const { onPress, children, icon, label, look = 'plain', size = 'normal', disabled, pressed, title } = props
  const working = useSignal(false)
  const press = async () => {
    if (working.value) return
    working.value = true
    try {
      await onPress()
    } finally {
      working.value = false
    }
  }
  const iconOnly = children === undefined
  return (
    <button
      type="button"
      class={`button look-${look} size-${size}${iconOnly ? ' icon-only' : ''}`}
      aria-label={label}
      title={title ?? (iconOnly ? label : undefined)}
      aria-pressed={pressed}
      aria-busy={working.value || undefined}
      disabled={disabled ?? false}
      onClick={() => void press()}
    >
      {icon !== undefined && <Icon name={icon} />}
      {children !== undefined && <span>{children}</span>}
    </button>
  )
}
