/** How the orders tell what is wrong with a request; the rest of it is in the engine, which the browser runs too. */
import { HubError } from '../../protocol/errors.ts'

export { atPath, badPayment, invalid, withPath } from '../engine/troubles.ts'

export const noOrder = (id: string) => new HubError('till_unknown', { kind: 'order', id })

export const codeOf = (error: unknown) => (error instanceof HubError ? error.code : undefined)
