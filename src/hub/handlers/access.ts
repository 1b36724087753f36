/** Methods of pairing, tokens, users, sessions, origins and the audit log. */
import type { accessMethods } from '../../protocol/methods/access.ts'
import type { HandlersOf, HandlerTools } from './handlers.ts'

export function accessHandlers(tools: HandlerTools): HandlersOf<typeof accessMethods> {
  const { access, devices, network, qrSvg } = tools
  /** A client held to a device that is not there would be held to nothing. Throws `device_unknown`. */
  const mustBeDevices = (ids: readonly string[] | null | undefined): void => {
    for (const id of ids ?? []) devices.mustGet(id)
  }
  return {
    'pair.code': async (wanted) => {
      mustBeDevices(wanted.devices)
      const { code, expiresAt } = await access.codes.make(wanted)
      const url = `${network.url()}/#code=${code}`
      access.changed('codes')
      return { code, expiresAt, url, svg: await qrSvg(url) }
    },
    'pair.cancel': async () => {
      await access.codes.drop()
      access.changed('codes')
      return {}
    },

    'token.list': () => access.listTokens(),
    'token.change': (change) => {
      mustBeDevices(change.devices)
      return access.changeToken(change)
    },
    'token.revoke': async ({ id }) => {
      await access.revokeToken(id)
      return {}
    },

    'user.list': () => access.users.list(),
    'user.add': async (wanted) => {
      const user = await access.users.add(wanted)
      access.changed('users')
      return user
    },
    'user.change': async (change) => {
      const user = await access.users.change(change)
      access.changed('users')
      return user
    },
    'user.remove': async ({ id }) => {
      await access.users.remove(id)
      access.changed('users')
      return {}
    },
    'user.password': async (passwords, caller) => {
      await access.ownPassword(passwords, caller)
      return {}
    },

    'session.list': (_params, { client }) => access.sessions.list(client),
    'session.end': async ({ id }) => {
      await access.sessions.end(id)
      return {}
    },

    'origin.list': () => access.origins.list(),
    'origin.allow': async ({ origin }) => {
      const allowed = await access.origins.allow(origin)
      access.changed('origins')
      return allowed
    },
    'origin.remove': async ({ origin }) => {
      await access.removeOrigin(origin)
      return {}
    },

    'audit.list': (filter) => access.auditLog.list(filter),
  }
}
