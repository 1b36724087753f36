/** What the HTTP routes share: reading JSON bodies, answering JSON or with a sentence. */
import express, { type RequestHandler, type Response } from 'express'
import { HubError } from '../../../protocol/errors.ts'
import type { Clock } from '../../clock.ts'
import { endWith } from './listener.ts'

/** Reads the body as text, uncompressed, up to a limit. */
export const textBody = (bytesMax: number): RequestHandler =>
  express.text({ type: () => true, limit: bytesMax, inflate: false })

/**
 * Ends requests that have not come in whole in time, also those that are answered already. `patient` requests have as long
 * as the listener gives to any.
 */
export function bodyInTime(clock: Clock, { requestMsMax }: { requestMsMax: number }): RequestHandler {
  return (request, response, next) => {
    const { headers, socket } = request
    if (headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined) {
      const cancel = clock.after(requestMsMax, () => {
        if (request.complete || isPatient(response)) return
        if (response.headersSent) socket.destroy()
        else endWith(socket, 408)
      })
      request.once('close', cancel)
    }
    next()
  }
}

const isPatient = ({ locals }: Response): boolean => (locals as { patient?: boolean }).patient === true

/** A page of another origin cannot send this type without asking first. */
export const requireJson: RequestHandler = (request, _response, next) => {
  if (!/^application\/json *(;|$)/i.test(request.headers['content-type'] ?? ''))
    throw new HubError('bad_request', { reason: 'its Content-Type is not application/json' })
  next()
}

/** Errors of the body reader carry `type`, `status` and `limit`; everything else passes as it is. */
export function bodyError(error: unknown): unknown {
  const { type, status, limit, message } = error as {
    type?: unknown
    status?: unknown
    limit?: number
    message?: string
  }
  if (error instanceof HubError || typeof status !== 'number' || status >= 500) return error
  if (type === 'entity.too.large') return new HubError('message_too_large', { bytesMax: limit ?? 0 })
  return new HubError('bad_request', { reason: message ?? 'its body cannot be read' })
}

export function readJson(body: unknown): unknown {
  try {
    return JSON.parse(textOf(body))
  } catch (error) {
    throw new HubError('bad_json', {}, error)
  }
}

/** The body reader leaves a body without bytes undefined. */
export const textOf = (body: unknown): string => (typeof body === 'string' ? body : '')

export function sendJson(response: Response, status: number, value: unknown): void {
  sendText(response, status, JSON.stringify(value))
}

export function sendText(response: Response, status: number, text: string): void {
  response.status(status).setHeader('Content-Type', 'application/json; charset=utf-8')
  response.end(text)
}

/** For a person who looks at a page. Browsers do not keep it: it may be otherwise soon. */
export function sendSentence(response: Response, status: number, sentence: string): void {
  response.status(status).setHeader('Cache-Control', 'no-store')
  response.type('text').end(`${sentence}\n`)
}

export const sendNoPage = (response: Response): void => sendSentence(response, 404, 'There is no such page.')
