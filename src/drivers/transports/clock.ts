/** The part of a clock that transports need: they wait, but never ask what time it is. */
export interface TransportClock {
  /** Calls back after `ms`; the answer cancels it. */
  after(ms: number, callback: () => void): () => void
}
