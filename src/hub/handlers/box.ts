/** Methods of the box itself: its alerts, network, certificates, log and configuration. */
import type { alertMethods } from '../../protocol/methods/alerts.ts'
import type { boxMethods } from '../../protocol/methods/box.ts'
import { isoTime } from '../clock.ts'
import type { HandlersOf, HandlerTools } from './handlers.ts'

export function boxHandlers(tools: HandlerTools): HandlersOf<typeof boxMethods & typeof alertMethods> {
  const { alerts, care, events, health, network, qrSvg, tls } = tools
  return {
    'hub.info': () => ({
      hub: tools.hub,
      name: tools.name,
      version: tools.version,
      ...health.current(),
      startedAt: isoTime(tools.startedAt),
      epoch: events.epoch,
      seq: events.seq,
      clients: tools.clients(),
      demo: tools.demoEnabled,
    }),

    'alert.list': () => ({ alerts: alerts.raised, wholeFrom: alerts.wholeFrom }),

    'hub.restart': () => {
      care.restart()
      return {}
    },

    'network.info': () => network.info(),
    'network.qr': async ({ url }) => ({ svg: await qrSvg(url) }),

    'tls.info': () => tls.info(),
    'tls.renew': async () => {
      await tls.renew()
      return tls.info()
    },
    'tls.root.renew': async () => {
      await tls.renewRoot()
      return tls.info()
    },

    'log.read': (params) => care.readLog(params),
    'log.level': (params) => {
      care.setLogLevel(params)
      return {}
    },

    'config.get': () => care.config(),
    'config.set': ({ changes }) => care.changeConfig(changes),
  }
}
