/** What every view of the console can reach: state, session, messages, clock. */
import type { Signal } from '@preact/signals'
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { HubError, toHubError } from '../../protocol/errors.ts'
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
}

const context = createContext<Console | undefined>(undefined)
export const ConsoleProvider = context.Provider

export function useConsole(): Console {
  const found = useContext(context)
  if (found === undefined) throw new HubError('internal', { reason: 'a view stands outside of the console' })
  return found
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
