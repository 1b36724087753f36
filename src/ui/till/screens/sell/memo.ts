/** A component that is drawn anew only when its properties are others; what signals it reads change it all the same. */
import { Component, type ComponentType, type FunctionComponent, h } from 'preact'

export function memo<P extends object>(
  inner: FunctionComponent<P>,
  same: (before: P, after: P) => boolean,
): ComponentType<P> {
  return class extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      return !same(this.props as P, next as P)
    }

    override render() {
      return h(inner as ComponentType<P>, this.props as P)
    }
  }
}
