/** Limits of the broker on the box, each with its unit. */

export const brokerLimits = {
  clientsMax: 500,
  /** Connections that have not shown a token yet. */
  strangersMax: 100,
  /** Until a connection has shown its token, in ms, and what it may have sent by then, in bytes. */
  connectMsMax: 10_000,
  connectBytesMax: 16 * 1_024,
  /** New connections of one source. Those that come with a token do not count. */
  connectsPerSecondMax: 20,
  connectsBurstMax: 200,
  /** Sources whose rates are remembered. */
  sourcesMax: 4_096,
  /** One packet of MQTT, in bytes: a request with its topic. */
  packetBytesMax: 4 * 1_024 * 1_024 + 8 * 1_024,
  clientIdCharsMax: 128,
  /** Filters that one connection has subscribed to. */
  filtersMax: 100,
  /** Levels of a topic or filter. */
  levelsMax: 20,
  /** Packets of one connection that are under way in it. */
  queueMax: 100,
  /** Messages of exactly-once delivery of which a client has not said the last word. */
  inboundMax: 100,
  /** Waiting to be sent to one client; whoever has more is closed, not waited for. */
  bufferedBytesMax: 1_024 * 1_024,
  /** For what cannot wait in that: a single message that is larger, in ms. */
  drainMsMax: 5_000,
  /** TCP asks after a silent peer so often, in ms. */
  aliveMs: 60_000,
} as const
