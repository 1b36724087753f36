/** A place that a test plugs things into, as discovery sees it. */
import type { FoundPort, PortSource } from '../../src/hub/devices/discovery.ts'

export class TestSource implements PortSource {
  readonly kind: PortSource['kind']
  #tell: (ports: readonly FoundPort[]) => void = () => {}

  constructor(kind: PortSource['kind'] = 'serial') {
    this.kind = kind
  }

  start(onChange: (ports: readonly FoundPort[]) => void): void {
    this.#tell = onChange
  }

  stop(): void {}

  /** What is plugged in from now on. */
  show(...ports: (Omit<FoundPort, 'details'> & Partial<Pick<FoundPort, 'details'>>)[]): void {
    this.#tell(ports.map((port) => ({ details: {}, ...port })))
  }
}
