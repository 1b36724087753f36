/** Backup, restore and support bundle over HTTP: files that are too large for a message. Rules in docs/care.md. */
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import express, { type Request, type RequestHandler, type Response, type Router } from 'express'
import { z } from 'zod'
import { HubError } from '../../../protocol/errors.ts'
import { parseBy } from '../../../protocol/messages.ts'
import type { FileToSend } from '../../api.ts'
import { authorize, callerOf, requireRole } from './authorize.ts'
import type { HttpTools } from './http-api.ts'
import { readJson, requireJson, sendJson, textBody } from './http-parts.ts'

export const careRouteLimits = {
  /** Of a backup that is sent here; a larger one is restored at the box, by the command line. */
  restoreBytesMax: 512 * 1024 * 1024,
  /** Of the header with the passphrase: 200 characters of 4 bytes in base64. */
  passphraseCharsMax: 1_100,
  requestBytesMax: 4_096,
  /** How long a connection may be still while its file is made or checked. */
  workMsMax: 30 * 60_000,
} as const

const backupRequestSchema = z.strictObject({ passphrase: z.string().max(1_000) })

type CareTools = HttpTools & { careLimits?: { restoreBytesMax: number } }

export function careRoutes(tools: CareTools): Router {
  const { hub, limits, log } = tools
  const restoreBytesMax = tools.careLimits?.restoreBytesMax ?? careRouteLimits.restoreBytesMax
  const router = express.Router()
  const owner = [authorize(hub), requireRole('owner')]
  const technician = [authorize(hub), requireRole('technician', 'owner')]
  const audited = <T>(act: string, response: Response, work: () => Promise<T>): Promise<T> =>
    hub.access.audit(act, callerOf(response), {}, work)

  /** The file is thrown away when it is sent, or when nobody takes it any more. */
  const send = async (response: Response, file: FileToSend, type: string) => {
    try {
      response.setHeader('Content-Type', type)
      response.setHeader('Content-Disposition', `attachment; filename="${file.name}"`)
      await pipeline(createReadStream(file.path), response)
    } catch (error) {
      log.debug({ reason: String(error) }, 'a download was broken off')
      response.destroy()
    } finally {
      file.done()
    }
  }

  router.post(
    '/api/v1/backup',
    ...owner,
    requireJson,
    textBody(careRouteLimits.requestBytesMax),
    patient(limits.idleMsMax),
    async (request, response) => {
      const { passphrase } = parseBy(backupRequestSchema, readJson(request.body))
      const file = await audited('backup', response, () => hub.care.backup(passphrase))
      await send(response, file, 'application/octet-stream')
    },
  )

  router.post('/api/v1/restore', ...owner, patient(limits.idleMsMax), async (request, response) => {
    const passphrase = passphraseOf(request)
    if (!/^application\/octet-stream *(;|$)/i.test(request.headers['content-type'] ?? ''))
      throw new HubError('bad_request', { reason: 'its Content-Type is not application/octet-stream' })
    if (Number(request.headers['content-length'] ?? 0) > restoreBytesMax) throw tooLarge(restoreBytesMax)
    await audited('restore', response, async () => {
      const file = await hub.care.upload(request, restoreBytesMax)
      try {
        await hub.care.restore(file.path, passphrase, callerOf(response))
      } finally {
        file.done()
      }
    })
    sendJson(response, 200, {})
  })

  router.post(
    '/api/v1/support-bundle',
    ...technician,
    patient(limits.idleMsMax),
    async (_request, response) => {
      const file = await audited('support-bundle', response, () => hub.care.supportBundle())
      await send(response, file, 'application/gzip')
    },
  )
  return router
}

const tooLarge = (bytesMax: number) => new HubError('message_too_large', { bytesMax })

/** The header holds base64url of UTF-8: a passphrase is not of the characters that a header may have. */
function passphraseOf(request: Request): string {
  const given = request.headers['tillbridge-passphrase']
  const path = 'Tillbridge-Passphrase'
  if (typeof given !== 'string' || given === '')
    throw new HubError('params_invalid', { path, reason: 'is missing' })
  if (given.length > careRouteLimits.passphraseCharsMax || !/^[\w-]+={0,2}$/.test(given))
    throw new HubError('params_invalid', { path, reason: 'is not base64url' })
  return Buffer.from(given, 'base64url').toString('utf8')
}

/** The request may take its time and the connection be still while the hub works; afterwards it is as impatient as before. */
function patient(idleMs: number): RequestHandler {
  return (request, response, next) => {
    const { socket } = request
    socket.setTimeout(careRouteLimits.workMsMax)
    response.locals.patient = true
    response.once('close', () => {
      if (!socket.destroyed) socket.setTimeout(idleMs)
    })
    next()
  }
}
