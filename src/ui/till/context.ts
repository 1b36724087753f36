/** What every screen of the till can reach, and how it does things: an error becomes a message, never a dead button. */
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { HubError, toHubError } from '../../protocol/errors.ts'
import type { MethodName, Params, Result } from '../../protocol/methods.ts'
import { hintFor, sentenceOf } from '../parts/error-words.ts'
import type { Till } from './contract.ts'

const context = createContext<Till | undefined>(undefined)
export const TillProvider = context.Provider

export function useTill(): Till {
  const found = useContext(context)
  if (found === undefined) throw new HubError('internal', { reason: 'a screen stands outside of the till' })
  return found
}

/** Tells an error to the cashier: what happened, and what to do. */
export function tellError({ toasts, sounds }: Pick<Till, 'toasts' | 'sounds'>, thrown: unknown): void {
  const error = toHubError(thrown)
  sounds.play('attention')
  const text = sentenceOf(error)
  toasts.show({ tone: 'bad', text, code: error.code, todo: hintFor(error.code, error.who) })
}

export interface Actions {
  /** Runs what a button asks for. An error becomes a message and the answer undefined; a success may say a word. */
  attempt<T>(work: () => T | Promise<T>, success?: string): Promise<T | undefined>
  /** Calls a method of the hub with the log-in of whoever is at the till. */
  call<M extends MethodName>(method: M, params: Params<M>, success?: string): Promise<Result<M> | undefined>
}

export function useActions(): Actions {
  const till = useTill()
  const attempt: Actions['attempt'] = async (work, success) => {
    try {
      const result = await work()
      if (success !== undefined) till.toasts.show({ tone: 'good', text: success })
      return result
    } catch (thrown) {
      tellError(till, thrown)
      return undefined
    }
  }
  return {
    attempt,
    call: (method, params, success) => attempt(() => till.link.call(method, params), success),
  }
}
