/** Puts a twin on a pseudo terminal, as a printer on a serial line. */
import type { Twin, TwinWire } from '../../src/drivers/driver.ts'
import { openPty } from './pty.ts'

export interface TwinTty {
  /** Path of the tty that the host opens. */
  readonly path: string
  stop(): Promise<void>
}

/** The tty hangs up when the twin pulls the cable. */
export async function ttyTwin(twin: Twin): Promise<TwinTty> {
  const pty = await openPty()
  const wire: TwinWire & { pause(on: boolean): void } = {
    write: (bytes) => pty.write(bytes),
    onBytes: (listener) => pty.onBytes(listener),
    close: () => pty.cut(),
    pause: (on) => pty.stall(on),
  }
  twin.attach(wire)
  return { path: pty.path, stop: () => pty.stop() }
}
