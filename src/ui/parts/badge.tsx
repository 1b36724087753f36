/** A short fact as a coloured chip: colour, word and icon together, so that no one of them carries it alone. */
import type { ComponentChildren, JSX } from 'preact'
import { Icon, type IconName } from './icon.tsx'

export type Tone = 'good' | 'busy' | 'wait' | 'bad' | 'off' | 'doubt' | 'plain'

interface BadgeProps {
  tone: Tone
  icon?: IconName
  children: ComponentChildren
}

export function Badge({ tone, icon, children }: BadgeProps): JSX.Element {
  return (
    <span class={`badge tone-${tone}`}>
      {icon !== undefined && <Icon name={icon} size={16} />}
      <span>{children}</span>
    </span>
  )
}
