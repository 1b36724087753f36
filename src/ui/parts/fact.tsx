/** One line of a list of facts: its name, and what holds. */
import type { ComponentChildren, JSX } from 'preact'

export function Fact({ name, children }: { name: string; children: ComponentChildren }): JSX.Element {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  )
}
