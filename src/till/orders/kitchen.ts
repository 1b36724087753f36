/** Telling the kitchens what is new in an order, and which course is wanted now. */
import type { Kitchen } from '../../protocol/till/catalogue.ts'
import type { Draft } from '../../protocol/till/order.ts'
import { kitchenChanges } from '../engine/kitchen-changes.ts'
import type { Actor, KitchenTicket, TillCaller, TillParams, TillResult } from '../parts.ts'
import { type Desk, refuseOther, repeated, requestOf } from './desk.ts'
import { iso, type KeptDraft, type ToldLine } from './documents.ts'
import { invalid } from './errors.ts'
import { kitchenJob } from './job-ids.ts'

type Ticket = Pick<KitchenTicket, 'kitchen' | 'changes' | 'fire'>

/** What was told is on the disk before it prints. Nothing new: nothing prints, and the version stays. */
export async function tellKitchen(
  desk: Desk,
  params: TillParams<'till.order.kitchen'>,
  caller: TillCaller,
): Promise<TillResult<'till.order.kitchen'>> {
  const { course, id, login, version } = params
  const actor = await desk.seller(caller, login, 'tell the kitchen')
  const request = requestOf('till.order.kitchen', params)
  const before = await desk.mustKeep(id)
  const same = repeated(before, version, request)
  if (same !== undefined) return { draft: same.draft, jobs: same.notes.jobs }
  refuseOther(before, version)
  const { sent, tickets } = ticketsOf(desk, before, course)
  if (tickets.length === 0) return { draft: before.draft, jobs: [] }

  const { draft, notes } = before
  const jobs = tickets.map(({ kitchen }) => kitchenJob(id, version + 1, kitchen.id))
  const fired = course === undefined ? [] : [course]
  const kept: KeptDraft = {
    draft: {
      ...draft,
      updatedAt: iso(desk.now),
      kitchen: {
        sentAt: iso(desk.now),
        sent,
        fired: [...new Set([...draft.kitchen.fired, ...fired])].sort((a, b) => a - b),
      },
    },
    notes: { ...notes, last: request, jobs, told: toldOf(draft, sent) },
  }
  const [saved] = await desk.change([{ kept, version }], caller)
  await send(desk, saved!.draft, tickets, actor, caller)
  return { draft: saved!.draft, jobs }
}

/** A cancelled order: whatever was told is not to be made any more. */
export async function untellKitchens(
  desk: Desk,
  { draft, notes }: KeptDraft,
  actor: Actor,
  caller: TillCaller,
): Promise<void> {
  const nothing = { ...draft, version: draft.version + 1, lines: [] }
  await send(desk, nothing, ticketsOf(desk, { draft: nothing, notes }, undefined).tickets, actor, caller)
}

/** Never rejects: what fails is in the log. */
async function send(
  desk: Desk,
  draft: Draft,
  tickets: readonly Ticket[],
  actor: Actor,
  caller: TillCaller,
): Promise<void> {
  const { log } = desk.parts.tools
  const { id, version } = draft
  await Promise.all(
    tickets.map((ticket) =>
      desk.parts.papers
        .kitchen({ ...ticket, draft, by: actor.name }, kitchenJob(id, version, ticket.kitchen.id), caller)
        .catch((error: unknown) =>
          log.warn({ order: id, kitchen: ticket.kitchen.id, error: String(error) }, 'A kitchen was not told'),
        ),
    ),
  )
}

function ticketsOf(
  desk: Desk,
  { draft, notes }: KeptDraft,
  course: number | undefined,
): { sent: Record<string, string>; tickets: Ticket[] } {
  const { catalogue } = desk.parts
  const lineage = (category: string | null) => catalogue.lineage(category)
  const kitchens = catalogue.all('kitchen')
  const here = new Set(draft.lines.map(({ id }) => id))
  const gone = Object.entries(notes.told)
    .filter(([id]) => !here.has(id))
    .map(([id, told]) => ({ id, quantity: '0', ...told }))
  const { changes, sent } = kitchenChanges({
    lines: draft.lines,
    gone,
    sent: draft.kitchen.sent,
    kitchens,
    lineage,
  })
  const tickets = changes.map((told): Ticket => told)
  if (course === undefined) return { sent, tickets }
  const wanted = draft.lines.filter((line) => line.course === course)
  const cooks = ({ categories }: Kitchen) =>
    wanted.some(({ category }) => lineage(category).some((id) => categories.includes(id)))
  const fired = kitchens.filter(cooks)
  if (fired.length === 0) throw invalid('course', `nothing of the course ${course} is made in a kitchen`)
  return {
    sent,
    tickets: [
      ...tickets.map((ticket) => (fired.includes(ticket.kitchen) ? { ...ticket, fire: course } : ticket)),
      ...fired
        .filter((kitchen) => !tickets.some((ticket) => ticket.kitchen === kitchen))
        .map((kitchen) => ({ kitchen, changes: [], fire: course })),
    ],
  }
}

/** In which words lines were told: they may be taken out of the order before the kitchen hears of it. */
function toldOf({ lines }: Draft, sent: Readonly<Record<string, string>>): Record<string, ToldLine> {
  return Object.fromEntries(
    lines
      .filter(({ id }) => sent[id] !== undefined)
      .map(({ id, product, name, category, course, note, internalNote }) => [
        id,
        {
          ...{ product, name, category },
          ...(course !== undefined && { course }),
          ...(note !== undefined && { note }),
          ...(internalNote !== undefined && { internalNote }),
        },
      ]),
  )
}
