/** Cuts the stream of received bytes into commands and text, however it was split on its way. */
import { type Form, forms, lookUp, nameOf, skippable } from './grammar.ts'

/** A command as received. Text is the command `text` with the characters as data. */
export interface Command {
  readonly name: string
  readonly args: readonly number[]
  readonly data: Uint8Array
  /** Position of its first byte in the stream since the printer was switched on. */
  readonly offset: number
  /** Its length in bytes, name and all. */
  readonly bytes: number
}

/** Something a real printer would have answered with rubbish on the paper, or with nothing. */
export interface Violation {
  readonly offset: number
  readonly command: string
  readonly reason: string
}

export interface InterpreterSink {
  /** A command that waits for its turn. */
  command(command: Command): void
  /** A command to be acted on at once. */
  realTime(command: Command): void
  violation(violation: Violation): void
  /** A real-time command lies in another command's parameters or data, where it is not obeyed. */
  hiddenRealTime(command: string, offset: number): void
}

export const interpreterLimits = {
  /** Longest data of one command. A longer one is taken for a misread length. */
  commandDataBytesMax: 4 * 1024 * 1024,
} as const

const DLE = 0x10
const textFrom = 0x20
const DEL = 0x7f
const nothing = new Uint8Array(0)

export class Interpreter {
  readonly #sink: InterpreterSink
  #reading: Generator<undefined, void, undefined> | undefined
  #chunk: Uint8Array = nothing
  #at = 0
  #offset = 0
  #start = 0
  #between = true

  constructor(sink: InterpreterSink) {
    this.#sink = sink
  }

  /** Bytes of a command that has not ended yet. */
  get unfinished(): number {
    return this.#between ? 0 : this.#offset - this.#start
  }

  push(bytes: Uint8Array): void {
    this.#chunk = bytes
    this.#at = 0
    this.#reading ??= this.#read()
    this.#reading.next()
  }

  /** Forgets an unfinished command. */
  drop(): void {
    this.#reading = undefined
    this.#chunk = nothing
    this.#at = 0
    this.#between = true
  }

  *#read(): Generator<undefined, void, undefined> {
    for (;;) {
      this.#between = true
      while (this.#at >= this.#chunk.length) yield
      this.#start = this.#offset
      this.#between = false
      if (this.#chunk[this.#at]! >= textFrom) this.#text()
      else yield* this.#command()
    }
  }

  /** The characters up to the next control character or the end of what has come. */
  #text(): void {
    const from = this.#at
    while (this.#at < this.#chunk.length && this.#chunk[this.#at]! >= textFrom) this.#at++
    const data = this.#chunk.slice(from, this.#at)
    this.#offset += data.length
    if (data.includes(DEL)) this.#violation('text', 'DEL (7Fh) is not a character')
    this.#between = true
    this.#sink.command({ name: 'text', args: [], data, offset: this.#start, bytes: data.length })
  }

  *#command(): Generator<undefined, void, undefined> {
    const head: number[] = []
    let name = ''
    for (;;) {
      const byte = yield* this.#byte(head)
      if (head.length === 1 && byte === 0) return // NUL is padding; printers skip it.
      name = name === '' ? nameOf(byte) : `${name} ${nameOf(byte)}`
      const found = lookUp(name)
      if (found === 'longer') continue
      const form = found ?? skippable(name)
      if (form === undefined) return this.#violation(name, 'unknown command')
      if (found === undefined) this.#violation(name, 'unknown command')
      return yield* this.#parameters(name, form, head)
    }
  }

  *#parameters(name: string, form: Form, head: number[]): Generator<undefined, void, undefined> {
    const named = head.length
    for (let i = 0; i < form.args; i++) yield* this.#byte(head)
    const more = form.more?.(head.slice(named)) ?? 0
    for (let i = 0; i < more; i++) yield* this.#byte(head)
    const args = head.slice(named)
    const length = form.data?.(args) ?? 0
    if (length > interpreterLimits.commandDataBytesMax)
      return this.#violation(name, `${length} bytes of data`)
    const nulMax = form.nulMax?.(args) ?? 0
    const data = nulMax > 0 ? yield* this.#untilNul(name, nulMax) : yield* this.#data(length)
    if (form.realTime === undefined) this.#lookForRealTime(name, head.slice(named), data)
    const reason = form.check?.(args, data)
    // What follows is read after the command was carried out, so it must count as ended by now.
    this.#between = true
    if (reason !== undefined) return this.#violation(name, reason)
    if (forms[name] === undefined) return
    const command = { name, args, data, offset: this.#start, bytes: this.#offset - this.#start }
    if (form.realTime) this.#sink.realTime(command)
    else this.#sink.command(command)
  }

  *#byte(into: number[]): Generator<undefined, number, undefined> {
    while (this.#at >= this.#chunk.length) yield
    const byte = this.#chunk[this.#at++]!
    this.#offset++
    into.push(byte)
    return byte
  }

  *#data(length: number): Generator<undefined, Uint8Array, undefined> {
    if (length === 0) return nothing
    const data = new Uint8Array(length)
    let filled = 0
    while (filled < length) {
      while (this.#at >= this.#chunk.length) yield
      const part = this.#chunk.subarray(this.#at, this.#at + length - filled)
      data.set(part, filled)
      filled += part.length
      this.#at += part.length
      this.#offset += part.length
    }
    return data
  }

  *#untilNul(name: string, max: number): Generator<undefined, Uint8Array, undefined> {
    const data: number[] = []
    for (;;) {
      const byte = yield* this.#byte(data)
      if (byte === 0) return Uint8Array.from(data.slice(0, -1))
      if (data.length > max) {
        this.#violation(name, `no NUL within ${max} bytes`)
        return Uint8Array.from(data)
      }
    }
  }

  #lookForRealTime(name: string, args: readonly number[], data: Uint8Array): void {
    for (const bytes of [args, data]) {
      for (let i = bytes.indexOf(DLE); i >= 0; i = bytes.indexOf(DLE, i + 1)) {
        const [, second, third] = bytes.slice(i, i + 3)
        const status = second === 4 && third !== undefined && third >= 1 && third <= 4
        if (status || second === 5 || second === 0x14) this.#sink.hiddenRealTime(name, this.#start)
      }
    }
  }

  #violation(command: string, reason: string): void {
    this.#sink.violation({ offset: this.#start, command, reason })
  }
}
