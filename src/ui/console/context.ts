/** What every view of the console can reach: state, session, messages, clock, and answers that keep themselves fresh. */
import { type ReadonlySignal, type Signal, useSignal } from '@preact/signals'
import { createContext } from 'preact'
import { useContext, useEffect, useRef } from 'preact/hooks'
import type { Role } from '../../protocol/access.ts'
import { HubError, toHubError } from '../../protocol/errors.ts'
import type { HubEvent } from '../../protocol/event.ts'
import type { DemoOrder, MethodName, Params, Result } from '../../protocol/methods.ts'
import { hintFor, sentenceOf } from '../parts/error-words.ts'
import type { Theme } from '../parts/theme.tsx'
import type { UiClock } from '../parts/time.ts'
import type { Toasts } from '../parts/toast.tsx'
import type { JobsList } from './jobs-list.ts'
import type { Session } from './session.ts'
import type { ConsoleState } from './state.ts'

export interface Console {
  state: ConsoleState
  session: Session
  jobs: JobsList
  toasts: Toasts
  clock: UiClock
  theme: Signal<Theme>
  /** The part of the address after `#/`: `jobs`, `devices/demo-printer`. */
  address: ReadonlySignal<string>
}

const context = createContext<Console | undefined>(undefined)
export const ConsoleProvider = context.Provider

export function useConsole(): Console {
  const found = useContext(context)
  if (found === undefined) throw new HubError('internal', { reason: 'a view stands outside of the console' })
  return found
}

/** True when whoever uses this page may do what technicians do. */
export function isTechnician(role: Role | undefined): boolean {
  return role === 'technician' || role === 'owner'
}

export interface Actions {
  /** Runs what a button asks for. An error becomes a message and the answer undefined; a success may say a word. */
  attempt<T>(work: () => Promise<T>, success?: string): Promise<T | undefined>
  /** Calls a method; an error becomes a message and the answer undefined. */
  call<M extends MethodName>(method: M, params: Params<M>, success?: string): Promise<Result<M> | undefined>
  order(device: string, order: DemoOrder): Promise<unknown>
}

export function useActions(): Actions {
  const { session, state, toasts } = useConsole()
  const attempt: Actions['attempt'] = async (work, success) => {
    try {
      const result = await work()
      if (success !== undefined) toasts.show({ tone: 'good', text: success })
      return result
    } catch (thrown) {
      const error = toHubError(thrown)
      const text = sentenceOf(error, state.devices.peek())
      toasts.show({ tone: 'bad', text, code: error.code, todo: hintFor(error.code, error.who) })
      return undefined
    }
  }
  const call: Actions['call'] = (method, params, success) =>
    attempt(() => session.call(method, params), success)
  return { attempt, call, order: (device, order) => call('demo.order', { device, order }) }
}

export const askedTimes = {
  /** Between two questions for the same, when events come in crowds, in ms. */
  gatherMs: 500,
} as const

export interface Asked<T> {
  /** undefined until the hub has answered for the first time. */
  readonly answer: Signal<T | undefined>
  /** Why it could not be asked the last time. */
  readonly error: ReadonlySignal<HubError | undefined>
  /** Asks now. */
  ask(): Promise<void>
}

const never = () => false

/**
 * The answer of a method, asked for when the view opens, after each lost connection, and after events that `stale` says
 * concern it. `wanted` false asks nothing: the role may not.
 */
export function useAsked<M extends MethodName>(
  method: M,
  params: Params<M>,
  stale: (event: HubEvent) => boolean = never,
  wanted = true,
): Asked<Result<M>> {
  const { session, state, clock } = useConsole()
  const answer = useSignal<Result<M> | undefined>(undefined)
  const error = useSignal<HubError | undefined>(undefined)
  const online = session.link.value === 'online'
  const turn = useRef({ asking: false, again: false })
  const ask = async () => {
    // Many events at once are one question more.
    turn.current.again = turn.current.asking
    if (turn.current.asking) return
    turn.current.asking = true
    try {
      answer.value = await session.call(method, params)
      error.value = undefined
    } catch (thrown) {
      error.value = toHubError(thrown)
    } finally {
      turn.current.asking = false
    }
    if (turn.current.again) clock.after(askedTimes.gatherMs, () => void ask())
  }
  useEffect(() => {
    if (!online || !wanted) return
    void ask()
    return state.onEvent((event) => {
      if (stale(event)) void ask()
    })
  }, [online, wanted, method, JSON.stringify(params)])
  return { answer, error, ask }
}

/** True for the event that says that one of these is not what it was. */
export const accessChanged =
  (...what: readonly ('tokens' | 'users' | 'sessions' | 'origins' | 'codes')[]) =>
  (event: HubEvent): boolean =>
    event.topic === 'access.changed' && what.some((one) => one === (event.data as { what: string }).what)

const originsChanged = accessChanged('origins')

/** Web pages that may use the hub, and those that wanted to. */
export function useOrigins(wanted = true): Asked<Result<'origin.list'>> {
  return useAsked(
    'origin.list',
    {},
    (event) => event.topic === 'origin.seen' || originsChanged(event),
    wanted,
  )
}

/** True for the event that says that names, addresses or certificates are not what they were. */
export const networkChanged = (event: HubEvent): boolean => event.topic === 'network.changed'
