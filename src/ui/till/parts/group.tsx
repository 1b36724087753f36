/** Controls that belong together, with a name for whoever does not see it. */
import type { ComponentChildren, JSX } from 'preact'

interface GroupProps {
  label: string
  class: string
  children: ComponentChildren
  dir?: 'ltr'
}

export function Group({ label, children, ...rest }: GroupProps): JSX.Element {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset brings a frame and a legend that are not wanted
    <div role="group" aria-label={label} {...rest}>
      {children}
    </div>
  )
}
