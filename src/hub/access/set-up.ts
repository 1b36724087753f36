/** The set-up: a code that proves that somebody stands in front of the box, and makes the first owner of it. */
import { HubError } from '../../protocol/errors.ts'
import type { Store, UserRow } from '../../store/store.ts'
import { newCrockford, readCrockford, sha256 } from './secrets.ts'

export const setUpLimits = {
  /** 50 bits. */
  codeCharacters: 10,
} as const

/** Among the small values of the store: the hash of the code that is good now. */
const codeKey = 'setup.code'

export class SetUp {
  readonly #store: Store
  #needed = true

  constructor(store: Store) {
    this.#store = store
  }

  /** True until an owner has set a password. Known after `load`. */
  get needed(): boolean {
    return this.#needed
  }

  async load(): Promise<boolean> {
    this.#needed = !(await this.#store.access.users()).some(({ role }) => role === 'owner')
    return this.#needed
  }

  /** A new code; the one before is good no more. */
  async newCode(): Promise<string> {
    const code = newCrockford(setUpLimits.codeCharacters)
    await this.#store.setMeta(codeKey, sha256(code))
    return code
  }

  /** Throws `setup_done` when there is an owner and no code was made since, `setup_code_invalid` for a wrong one. */
  async check(typed: string): Promise<void> {
    const known = await this.#store.getMeta(codeKey)
    if (known === undefined && !this.#needed) throw new HubError('setup_done')
    if (known !== sha256(readCrockford(typed))) throw new HubError('setup_code_invalid')
  }

  /** Uses the code up for the owner. Throws `setup_code_invalid` when somebody else was quicker. */
  async redeem(typed: string, owner: UserRow): Promise<UserRow> {
    const user = await this.#store.access.setUpOwner(codeKey, sha256(readCrockford(typed)), owner)
    if (user === undefined) throw new HubError('setup_code_invalid')
    this.#needed = false
    return user
  }
}
