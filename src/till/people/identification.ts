/** Who somebody is: a name and its PIN, or a badge and the PIN where one is set. Wrong tries are counted. */
import { type ErrorContext, HubError } from '../../protocol/errors.ts'
import type { EmployeeRow } from '../../store/store.ts'
import type { TillCaller, TillTools } from '../parts.ts'
import type { Pins } from './pins.ts'
import { LockOut } from './tries.ts'

export interface Proof {
  employee?: string | undefined
  pin?: string | undefined
  badge?: string | undefined
}

interface Parts {
  tools: TillTools
  pins: Pins
  employee(id: string): EmployeeRow | undefined
  byBadge(badge: string): EmployeeRow | undefined
}

export class Identification {
  readonly #parts: Parts
  readonly #lockOut: LockOut

  constructor(parts: Parts) {
    this.#parts = parts
    this.#lockOut = new LockOut(() => parts.tools.clock.now())
  }

  /**
   * The active employee that the proof is of. `at` opens the paths of errors. Throws `pin_wrong`, `locked_out`, `till_invalid`
   * when something is missing (with the id of the employee whose PIN is asked for), `rate_limited`.
   */
  async of(caller: TillCaller, proof: Proof, at = ''): Promise<EmployeeRow> {
    if (proof.badge !== undefined) return this.#byBadge(caller, proof.badge, proof, at)
    if (proof.employee === undefined) throw missing(`${at}employee`, 'choose a name or scan a badge')
    const employee = this.#active(this.#parts.employee(proof.employee))
    // hasPin is no secret: who has none is told what to do instead.
    if (employee !== undefined && employee.pin === null)
      throw missing(
        `${at}badge`,
        `${employee.name} has no PIN; ${employee.badge === null ? 'ask a manager to set one' : 'scan the badge'}`,
      )
    if (proof.pin === undefined) throw missing(`${at}pin`, 'type the PIN', { employee: proof.employee })
    return this.#checkPin(caller, proof.employee, employee, proof.pin)
  }

  async #byBadge(caller: TillCaller, badge: string, proof: Proof, at: string): Promise<EmployeeRow> {
    const attempt = this.#begin(caller, undefined)
    const found = this.#active(this.#parts.byBadge(badge))
    if (found === undefined || (proof.employee !== undefined && proof.employee !== found.id))
      throw new HubError('pin_wrong')
    attempt.right()
    if (found.pin === null) return found
    if (proof.pin === undefined)
      throw missing(`${at}pin`, `type the PIN of ${found.name}`, { employee: found.id })
    return this.#checkPin(caller, found.id, found, proof.pin)
  }

  /** An id that nobody has is counted and takes as long as one that somebody has. */
  async #checkPin(
    caller: TillCaller,
    id: string,
    employee: EmployeeRow | undefined,
    pin: string,
  ): Promise<EmployeeRow> {
    const attempt = this.#begin(caller, id)
    let right: boolean
    try {
      right = await this.#parts.pins.matches(pin, employee?.pin ?? null)
    } catch (error) {
      // It was not compared, so it was no guess.
      attempt.undo()
      throw error
    }
    if (!right || employee === undefined) throw new HubError('pin_wrong')
    attempt.right()
    return employee
  }

  #begin({ client, name, from }: TillCaller, employee: string | undefined) {
    try {
      return this.#lockOut.begin(client, employee)
    } catch (error) {
      // What nobody is called may be a badge or a PIN that was sent in the wrong field.
      const known = employee !== undefined && this.#parts.employee(employee) !== undefined
      this.#parts.tools.log.warn(
        { client: name, from, ...(known && { employee }) },
        'too many wrong PINs or badges at this till',
      )
      throw error
    }
  }

  #active(row: EmployeeRow | undefined): EmployeeRow | undefined {
    return row?.active ? row : undefined
  }
}

const missing = (path: string, what: string, more: ErrorContext = {}) =>
  new HubError('till_invalid', { path, reason: `is missing: ${what}`, ...more })
