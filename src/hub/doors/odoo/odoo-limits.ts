/** Limits of the Odoo door, each with its unit. */

export const odooLimits = {
  /** A receipt as a picture, in base64. */
  bodyBytesMax: 8 * 1_024 * 1_024,
  requestsPerSecondMax: 100,
  requestsBurstMax: 400,
  /** Sources whose rates are remembered. */
  sourcesMax: 1_000,
  /** How long a print or a drawer is waited for, in ms. */
  workMs: 30_000,
  drawerMs: 5_000,
  /** A poll for scans is answered after so long, in ms: points of sale of version 16 give up after 7,500. */
  scanPollMs: 7_000,
  /** Tabs on one machine that poll for scans. */
  tabsMax: 50,
  /** Groups of tabs, which are machines. */
  groupsMax: 500,
  /** After a scan, all tabs of a machine have so long to ask for the next before it goes to those that did, in ms. */
  roundMs: 1_000,
  /** A scan that nobody asks for is forgotten after so long, in ms, and so are more than so many. */
  scanMs: 5_000,
  scansMax: 100,
  /** A poll for events of devices is answered after so long, in ms. */
  eventPollMs: 50_000,
  eventPollsMax: 500,
  /** Events that are kept for polls to come. */
  eventsMax: 200,
  /** Customer displays whose cart is kept for the page that asks for it. */
  cartsMax: 100,
  cartBytesMax: 256 * 1_024,
} as const
