/** Dutch words of the till: orders, refunds, invoices. */
import type { ordersEn } from './en.ts'

export const ordersNl: Readonly<Record<keyof typeof ordersEn, string>> = {
  'orders.open': 'Open',
  'orders.paid': 'Betaald',
  'orders.open.none': 'Er is geen open bestelling',
  'orders.open.none.todo': 'Hier staan de geparkeerde bestellingen van alle kassa’s.',
  'orders.paid.none': 'Geen bon gevonden.',
  'orders.search.open': 'Naam, nummer, medewerker',
  'orders.search.paid': 'Bonnummer, klant of bedrag',
  'orders.tracking': 'Bestelling {number}',
  'orders.here': 'alleen hier',
  'orders.printing': 'De bon wordt geprint.',
  'orders.copies': '{count} kopieën',
  'orders.sync.queued': 'wacht',
  'orders.sync.sent': 'verzonden',
  'orders.sync.verified': 'bevestigd',
  'orders.sync.parked': 'geweigerd',
  'orders.returned': '{count} retour',
  'orders.refund.all': 'Alles retour',
  'orders.refund.some': '{count} retour',
  'orders.refund.of': 'Hoeveel {name} retour komen',
  'orders.refund.fewer': 'Minder {name}',
  'orders.refund.more': 'Meer {name}',
  'orders.invoice.for': 'Factuur voor {number}',
}
