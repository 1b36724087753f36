/** The papers of the till: makes each document and submits it as a job; nothing here ever holds up or undoes a sale. */
import { errorText, toHubError } from '../../protocol/errors.ts'
import type { Block } from '../../protocol/receipt.ts'
import type { Customer, Shop } from '../../protocol/till/catalogue.ts'
import type { Draft, SoldOrder } from '../../protocol/till/order.ts'
import type { CashMove, SessionReport } from '../../protocol/till/session.ts'
import { jobIdOf } from '../orders/job-ids.ts'
import type { CatalogueApi, KitchenTicket, PapersApi, PeopleApi, TillCaller, TillTools } from '../parts.ts'
import { billPaper } from './bill.ts'
import { cashSlip } from './cash-slip.ts'
import type { Desk } from './desk.ts'
import { Formats } from './format.ts'
import { giftPaper } from './gift.ts'
import { kitchenPaper } from './kitchen-ticket.ts'
import { mended } from './mend.ts'
import { receiptPaper } from './receipt.ts'
import { reportPaper } from './report.ts'
import { wordsOf } from './words/words.ts'

type Currency = Pick<Shop, 'currency' | 'currencyDigits'>

/** Where a job goes, under which id, and in whose name. */
interface Slip {
  job: string
  printer: string | undefined
  caller: TillCaller
}

export class Papers implements PapersApi {
  readonly #tools: TillTools
  readonly #catalogue: CatalogueApi
  readonly #people: PeopleApi
  /** Making these takes longer than a receipt. */
  #formats: { of: string; formats: Formats } | undefined

  constructor(tools: TillTools, catalogue: CatalogueApi, people: PeopleApi) {
    this.#tools = tools
    this.#catalogue = catalogue
    this.#people = people
  }

  receipt(
    order: SoldOrder,
    prints: number,
    job: string,
    caller: TillCaller,
    printer?: string,
  ): Promise<void> {
    return this.#submit(this.#slip(order.register, job, caller, printer), async () => {
      const duplicate = prints > 1 ? { number: prints - 1, at: this.#tools.clock.now() } : undefined
      const [customer, refundOf] = await Promise.all([this.#customer(order.customer), this.#refundOf(order)])
      return receiptPaper(order, { customer, refundOf, duplicate }, this.#desk(order.register, order.rules))
    })
  }

  gift(order: SoldOrder, job: string, caller: TillCaller, printer?: string): Promise<void> {
    return this.#submit(this.#slip(order.register, job, caller, printer), async () =>
      giftPaper(order, this.#desk(order.register, order.rules)),
    )
  }

  bill(draft: Draft, job: string, caller: TillCaller, printer?: string): Promise<void> {
    return this.#submit(this.#slip(draft.register, job, caller, printer), async () => {
      const customer = await this.#customer(draft.customer)
      return billPaper(draft, customer, this.#tools.clock.now(), this.#desk(draft.register, draft.rules))
    })
  }

  cashMove(move: CashMove, register: string, job: string, caller: TillCaller): Promise<void> {
    return this.#submit(this.#slip(register, job, caller), async () => cashSlip(move, this.#desk(register)))
  }

  report(report: SessionReport, job: string, caller: TillCaller): Promise<void> {
    const { register } = report.session
    return this.#submit(this.#slip(register, job, caller), async () =>
      reportPaper(report, this.#desk(register)),
    )
  }

  kitchen(ticket: KitchenTicket, job: string, caller: TillCaller): Promise<void> {
    return this.#submit({ job, printer: ticket.kitchen.printer, caller }, async () =>
      kitchenPaper(ticket, this.#tools.clock.now(), this.#desk(ticket.draft.register)),
    )
  }

  #slip(register: string, job: string, caller: TillCaller, printer?: string): Slip {
    return { job, caller, printer: printer ?? this.#catalogue.get('register', register)?.printer }
  }

  /** Never rejects: what cannot be printed is in the log, and the job's own state tells the rest. */
  async #submit({ job, printer, caller }: Slip, make: () => Promise<Block[]>): Promise<void> {
    if (printer === undefined) return
    const id = jobIdOf(job)
    const tools = this.#tools
    const told = (error: unknown) => ({
      job: id,
      printer,
      code: toHubError(error).code,
      reason: errorText(error),
    })
    try {
      let blocks = await make()
      for (let tries = 0; ; tries++) {
        try {
          await tools.print({ id, device: printer, payload: { receipt: { blocks } } }, caller)
          return
        } catch (error) {
          // What was refused was not recorded: the id is still free.
          const less = mended(blocks, toHubError(error), tries)
          if (less === undefined) throw error
          tools.log.warn(told(error), 'a paper is printed without what the printer refused')
          blocks = less
        }
      }
    } catch (error) {
      // Asked for again, after a restart perhaps: it was printed with the hour of then.
      if (toHubError(error).code === 'job_conflict') tools.log.info(told(error), 'a paper was printed before')
      else tools.log.warn(told(error), 'a paper could not be printed')
    }
  }

  /** `currency`: that of the order, which may be older than the shop's. */
  #desk(register: string, currency: Currency = this.#catalogue.shop): Desk {
    const catalogue = this.#catalogue
    const { shop } = catalogue
    return {
      shop,
      register: catalogue.get('register', register),
      words: wordsOf[shop.language],
      format: this.#format(currency),
      nameOf: (employee) => this.#people.nameOf(employee),
      unit: (id) => catalogue.get('unit', id),
      method: (id) => catalogue.get('paymentMethod', id)?.name ?? id,
      table: (id) => this.#table(id),
    }
  }

  #format({ currency, currencyDigits }: Currency): Formats {
    const { language, timeZone } = this.#catalogue.shop
    const of = [language, currency, currencyDigits, timeZone].join(' ')
    if (this.#formats?.of !== of) {
      this.#formats = { of, formats: new Formats({ language, currency, currencyDigits, timeZone }) }
    }
    return this.#formats.formats
  }

  #table(id: string): string {
    const table = this.#catalogue.get('table', id)
    if (table === undefined) return id
    const floor =
      this.#catalogue.all('floor').length > 1 ? this.#catalogue.get('floor', table.floor) : undefined
    return floor === undefined ? table.name : `${table.name} (${floor.name})`
  }

  /** A customer who was removed since costs the name on the paper, not the paper. */
  async #customer(id: string | null): Promise<Customer | undefined> {
    if (id === null) return undefined
    return this.#catalogue.customer(id).catch(() => undefined)
  }

  /** References of the receipts that the lines bring back. */
  async #refundOf({ lines }: SoldOrder): Promise<string[]> {
    const orders = new Set(lines.flatMap(({ refundOf }) => (refundOf === undefined ? [] : [refundOf.order])))
    const sold = await Promise.all(
      [...orders].map((id) => this.#tools.store.till.orders.sold(id).catch(() => undefined)),
    )
    return sold.flatMap((row) => (row === undefined ? [] : [row.reference]))
  }
}
