/** The table of errors: closed, complete, and equal to docs/errors.md. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { faultCodeSchema } from '../../src/protocol/device.ts'
import {
  type ErrorCode,
  errorCodes,
  errorTable,
  HubError,
  rpcCodeOf,
  rpcCodes,
  toHubError,
} from '../../src/protocol/errors.ts'
import { rpcError } from '../../src/protocol/messages.ts'

const actors = ['operator', 'technician', 'developer', 'retry']

describe('table', () => {
  it('has codes that can be read, actors, statuses, and sentences', () => {
    for (const code of errorCodes) {
      const { who, http, text } = errorTable[code]
      expect(code).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/)
      expect(actors).toContain(who)
      expect(http).toBeGreaterThanOrEqual(400)
      expect(http).toBeLessThan(600)
      expect(text).toMatch(/\.$/)
    }
    expect(errorCodes.length).toBeGreaterThan(60)
  })

  it('has no two codes with the same sentence, except where the sentence is that of the field', () => {
    const sentences = errorCodes
      .map((code) => errorTable[code].text)
      .filter((text) => text !== '{path}: {reason}.')
    expect(new Set(sentences).size).toBe(sentences.length)
  })

  it('fills its sentences from the context and ends them with the code', () => {
    let placeholders = 0
    for (const code of errorCodes) {
      const names = [...errorTable[code].text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string)
      const context = Object.fromEntries(names.map((name) => [name, `<${name}>`]))
      const { message } = new HubError(code, context)
      for (const name of names) expect(message).toContain(`<${name}>`)
      expect(message).not.toMatch(/[{}]|\?/)
      expect(message.endsWith(` (${code})`)).toBe(true)
      placeholders += names.length
    }
    expect(placeholders).toBeGreaterThan(50)
  })

  it('has a code for each fault that ends a job', () => {
    const asErrors = faultCodeSchema.options.filter((fault) => Object.hasOwn(errorTable, fault))
    expect(asErrors).toEqual([
      'paper_out',
      'cover_open',
      'cutter_jam',
      'printer_error',
      'port_unavailable',
      'ribbon_out',
      'media_jam',
    ])
  })
})

describe('docs/errors.md', () => {
  const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
  const entries = page
    .split(/^### /m)
    .slice(1)
    .map((entry) => {
      const [code, , line, , ...text] = entry.split(/^## /m)[0]?.split('\n') ?? []
      return { code: code as ErrorCode, line, text: text.join('\n') }
    })

  it('has exactly the codes of the table, in its order or not', () => {
    expect(entries.map(({ code }) => code).sort()).toEqual([...errorCodes].sort())
  })

  it('says who acts, the status and the number as the table does, what happened and what to do', () => {
    for (const { code, line, text } of entries) {
      const { who, http } = errorTable[code]
      expect(`${code}: ${line}`).toBe(`${code}: ${who} · HTTP ${http} · ${rpcCodeOf(code)}`)
      const [what, todo, ...more] = text.trim().split('\n\n')
      expect(what?.length, code).toBeGreaterThan(20)
      expect(todo, code).toMatch(/^\*\*What to do:\*\* .{8,}/)
      expect(more, code).toEqual([])
    }
    expect(entries).toHaveLength(errorCodes.length)
  })
})

describe('travel', () => {
  it('[P4] keeps code, actor and context on the wire and back', () => {
    let travelled = 0
    for (const code of errorCodes) {
      const error = new HubError(code, { device: 'printer-1', max: 5, flag: true, none: null })
      const { data } = JSON.parse(JSON.stringify(rpcError(error))) as ReturnType<typeof rpcError>
      const back = HubError.fromRecord(data)
      expect([back.code, back.who, back.context, back.message]).toEqual([
        code,
        error.who,
        error.context,
        error.message,
      ])
      travelled++
    }
    expect(travelled).toBe(errorCodes.length)
  })

  it('takes codes it does not know for internal, also those that sound like parts of an object', () => {
    for (const code of ['from_the_future', 'constructor', '__proto__', 'toString'])
      expect(HubError.fromRecord({ code })).toMatchObject({ code: 'internal', context: { code } })
  })

  it('gives JSON-RPC its own numbers and everything else -32000', () => {
    const own = errorCodes.filter((code) => rpcCodeOf(code) !== rpcCodes.hubError)
    expect(own.map((code) => [code, rpcCodeOf(code)])).toEqual([
      ['bad_json', -32700],
      ['bad_request', -32600],
      ['method_unknown', -32601],
      ['params_invalid', -32602],
      ['internal', -32603],
    ])
  })

  it('makes internal of anything else, with the cause kept for the log', () => {
    const cause = new TypeError('x')
    expect(toHubError(cause)).toMatchObject({ code: 'internal', cause })
    expect(toHubError('a string').code).toBe('internal')
    const known = new HubError('starting')
    expect(toHubError(known)).toBe(known)
    expect(rpcError(cause).message).not.toContain('x.')
  })
})
