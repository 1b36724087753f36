/**
 * The open connections of all ports. Those that have shown no token or session yet are strangers: there is room for so many,
 * and whoever comes when it is full takes the place of the one that has waited longest at the source with most of them.
 */
import type { Socket } from 'node:net'
import { sourceKey } from '../../access/source.ts'
import { sourceOf } from './source.ts'

/** What a connection is known by: the socket of TLS is another object than the one below it, with the same ends. */
type Ends = Pick<Socket, 'remoteAddress' | 'remotePort' | 'localPort'>

interface Open {
  socket: Socket
  /** Key of its source. */
  source: string
}

export class Connections {
  readonly #limits: { connectionsMax: number; strangerConnectionsMax: number }
  readonly #open = new Map<string, Open>()
  /** Names of strangers by source, the oldest first. */
  readonly #strangers = new Map<string, Set<string>>()
  #strangersCount = 0

  constructor(limits: { connectionsMax: number; strangerConnectionsMax: number }) {
    this.#limits = limits
  }

  /** Takes a connection in and answers the one that has to go: an older one, or itself when there are none but known ones. */
  enter(socket: Socket): Socket | undefined {
    const { connectionsMax, strangerConnectionsMax } = this.#limits
    const full = this.#strangersCount >= strangerConnectionsMax || this.#open.size >= connectionsMax
    const oldest = full ? this.#oldestStranger() : undefined
    if (full && oldest === undefined) return socket
    const displaced = oldest === undefined ? undefined : this.#open.get(oldest)?.socket
    if (oldest !== undefined) this.#leave(oldest)
    this.#take(socket)
    return displaced
  }

  /** Who is behind it has shown who they are: it makes room for nobody. */
  vouch(socket: Ends): void {
    this.#noStranger(nameOf(socket))
  }

  /** Ends all of them. */
  cut(): void {
    for (const { socket } of [...this.#open.values()]) socket.destroy()
  }

  #take(socket: Socket): void {
    const name = nameOf(socket)
    const source = sourceKey(sourceOf(socket))
    const open = { socket, source }
    // A connection that was reset may be told of after a new one with the same ends.
    this.#leave(name)
    this.#open.set(name, open)
    const names = this.#strangers.get(source) ?? new Set<string>()
    this.#strangers.set(source, names.add(name))
    this.#strangersCount++
    socket.once('close', () => {
      if (this.#open.get(name) === open) this.#leave(name)
    })
  }

  #leave(name: string): void {
    this.#noStranger(name)
    this.#open.delete(name)
  }

  #noStranger(name: string): void {
    const source = this.#open.get(name)?.source ?? ''
    const names = this.#strangers.get(source)
    if (names?.delete(name) !== true) return
    this.#strangersCount--
    if (names.size === 0) this.#strangers.delete(source)
  }

  #oldestStranger(): string | undefined {
    let most = new Set<string>()
    for (const names of this.#strangers.values()) if (names.size > most.size) most = names
    return most.values().next().value
  }
}

const nameOf = ({ remoteAddress, remotePort, localPort }: Ends): string =>
  `${remoteAddress} ${remotePort} ${localPort}`
