/** The API documents: valid by other people's validators, complete, and true to what the hub says and takes. */
import { Parser } from '@asyncapi/parser'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { describe, expect, it } from 'vitest'
import { topicsOf } from '../../src/hub/doors/mqtt/topics.ts'
import { asyncApiDocument, openApiDocument } from '../../src/protocol/documents.ts'
import { errorCodes, HubError } from '../../src/protocol/errors.ts'
import { eventSchemas, eventTopics } from '../../src/protocol/event.ts'
import { jobKindSchema, jobSubmitSchema } from '../../src/protocol/job.ts'
import { rpcError } from '../../src/protocol/messages.ts'
import { methodNames, methods } from '../../src/protocol/methods.ts'
import { eventExamples, paramsExamples, resultExamples } from '../support/examples.ts'

// biome-ignore lint/suspicious/noExplicitAny: a document of somebody else's shape
type Document = any
const openApi: Document = openApiDocument('1.2.3')
const asyncApi: Document = asyncApiDocument('1.2.3')
const socketOnly = ['hello', 'event.subscribe', 'display.attach', 'display.shown']
const typeName = (dotted: string) =>
  dotted.replace(/(^|[._])(\w)/g, (_, __, letter: string) => letter.toUpperCase())

/** Compiles the schemas of a document under their own addresses. */
function compiler(document: Document, draft: '2020' | '7') {
  const options = {
    strict: true,
    allErrors: true,
    allowUnionTypes: true,
    strictRequired: false,
  }
  const ajv = draft === '2020' ? new Ajv2020(options) : new Ajv(options)
  addFormats.default(ajv)
  ajv.addSchema(
    { $id: 'doc', components: { schemas: document.components.schemas } } as object,
    'doc',
    false,
    false,
  )
  ajv.addVocabulary(['components', 'discriminator'])
  const validator = (name: string) => ajv.compile({ $ref: `doc#/components/schemas/${name}` })
  return {
    validator,
    check(name: string, value: unknown): void {
      const validate = validator(name)
      validate(JSON.parse(JSON.stringify(value)))
      expect([name, validate.errors]).toEqual([name, null])
    },
  }
}

describe('OpenAPI', () => {
  const { validator, check } = compiler(openApi, '2020')

  it('is valid for the validator of the specification', async () => {
    const result = await new Validator().validate(structuredClone(openApi))
    expect(result).toMatchObject({ valid: true })
    const broken = structuredClone(openApi)
    delete broken.info.title
    expect((await new Validator().validate(broken)).valid).toBe(false)
  })

  it('has every path of the contract and every method but those of a connection', () => {
    expect(Object.keys(openApi.paths).sort()).toEqual([
      '/api/v1/asyncapi.json',
      '/api/v1/backup',
      '/api/v1/health',
      '/api/v1/openapi.json',
      '/api/v1/pair',
      '/api/v1/reach',
      '/api/v1/restore',
      '/api/v1/rpc',
      '/api/v1/session',
      '/api/v1/setup',
      '/api/v1/support-bundle',
      '/metrics',
      '/trust/info.json',
      '/trust/root.crt',
      '/trust/root.mobileconfig',
      '/trust/root.pem',
    ])
    const { mapping } = openApi.components.schemas.RpcRequest.discriminator
    expect(Object.keys(mapping)).toEqual(methodNames.filter((name) => !socketOnly.includes(name)))
    expect(openApi.components.schemas.RpcRequest.oneOf).toHaveLength(Object.keys(mapping).length)
    expect(openApi.components.securitySchemes.token.scheme).toBe('bearer')
  })

  it('has schemas that all compile, and references that all resolve', () => {
    const names = Object.keys(openApi.components.schemas)
    for (const name of names) expect(validator(name)).toBeTypeOf('function')
    const refs = [...JSON.stringify(openApi).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
      (match) => match[1],
    )
    expect(refs.filter((name) => !names.includes(name as string))).toEqual([])
    expect(names.length).toBeGreaterThan(100)
  })

  it('takes the requests and answers that the hub takes and gives', () => {
    let checked = 0
    for (const method of methodNames) {
      // The examples themselves must be true before they can prove anything.
      expect(methods[method].params.safeParse(paramsExamples[method]).error).toBeUndefined()
      expect(methods[method].result.safeParse(resultExamples[method]).error).toBeUndefined()
      if (socketOnly.includes(method)) continue
      const envelope = { jsonrpc: '2.0', id: 'x' }
      check('RpcRequest', { ...envelope, method, params: paramsExamples[method] })
      check(`${typeName(method)}Answer`, { ...envelope, result: resultExamples[method] })
      check('RpcAnswer', { ...envelope, result: resultExamples[method] })
      checked++
    }
    expect(checked).toBe(methodNames.length - socketOnly.length)
    expect(checked).toBeGreaterThan(50)
    for (const { value } of Object.values(
      openApi.paths['/api/v1/rpc'].post.requestBody.content['application/json'].examples,
    ) as Document[])
      check('RpcRequest', value)
  })

  it('refuses what the hub refuses', () => {
    const request = validator('RpcRequest')
    const wrong = [
      { method: 'device.list', params: { nonsense: 1 } },
      { method: 'device.get', params: {} },
      { method: 'device.get' },
      { method: 'nothing', params: {} },
      { method: 'hello', params: paramsExamples.hello },
      { method: 'job.submit', params: { id: 'a b', device: 'p', kind: 'print', payload: { text: 'x' } } },
      {
        method: 'job.submit',
        params: { id: 'a', device: 'p', kind: 'print', payload: { text: 'x', raw: 'AA==' } },
      },
      { method: 'job.submit', params: { id: 'a', device: 'p', kind: 'print', payload: {} } },
      { method: 'job.submit', params: { id: 'a', device: 'p', kind: 'payment' } },
      { method: 'job.wait', params: { id: 'a', ms: 60_001 } },
    ]
    for (const part of wrong)
      expect([part, request({ jsonrpc: '2.0', id: 1, ...part })]).toEqual([part, false])
    expect(request({ jsonrpc: '2.0', id: 1, method: 'device.list' })).toBe(true)
    expect(request({ jsonrpc: '2.0', id: null, method: 'device.list' })).toBe(false)
  })

  it('knows the payload of every kind of job', () => {
    const payloads: Record<string, object> = {
      print: { text: 'x' },
      'display.show': { lines: ['x'] },
      payment: { amount: 1, currency: 'EUR', reference: 'r' },
      refund: { amount: 1, currency: 'EUR', reference: 'r' },
    }
    for (const kind of jobKindSchema.options) {
      const params = { id: 'j', device: 'p', kind, payload: payloads[kind] ?? {} }
      expect(jobSubmitSchema.safeParse(params).success).toBe(true)
      check('JobSubmitParams', params)
    }
    expect(jobKindSchema.options).toHaveLength(9)
  })

  it('knows every error', () => {
    for (const code of errorCodes)
      check('ErrorAnswer', {
        jsonrpc: '2.0',
        id: null,
        error: rpcError(new HubError(code, { max: 1, device: 'x' })),
      })
    expect(
      validator('Error')({
        code: -32000,
        message: 'x',
        data: { code: 'nothing', who: 'retry', context: {} },
      }),
    ).toBe(false)
  })
})

describe('AsyncAPI', () => {
  const { validator, check } = compiler(asyncApi, '7')

  it('is valid for the parser of the specification, without a warning', { timeout: 60_000 }, async () => {
    const { document, diagnostics } = await new Parser().parse(JSON.stringify(asyncApi))
    // 0 error, 1 warning; below that it only gives advice.
    expect(
      diagnostics.filter(({ severity }) => severity <= 1).map(({ message, path }) => ({ message, path })),
    ).toEqual([])
    expect(document?.version()).toBe('3.0.0')
    const mqtt = Object.keys(asyncApi.channels).filter((name) => name.startsWith('mqtt'))
    expect(document?.operations().all()).toHaveLength(methodNames.length + 1 + mqtt.length)
    // A small one, as the parser takes its time.
    const untitled = { asyncapi: '3.0.0', info: { version: '1' } }
    expect((await new Parser().parse(JSON.stringify(untitled))).document).toBeUndefined()
    const titled = { asyncapi: '3.0.0', info: { version: '1', title: 'Small' } }
    expect((await new Parser().parse(JSON.stringify(titled))).document).toBeDefined()
  })

  it('has a request, an answer and an operation for each method, a message for each topic', () => {
    const { messages } = asyncApi.channels.socket
    for (const method of methodNames) {
      expect(messages).toHaveProperty([`${method}.request`])
      expect(messages).toHaveProperty([`${method}.answer`])
      expect(asyncApi.operations[method].action).toBe('receive')
    }
    for (const topic of eventTopics) expect(messages).toHaveProperty([`event.${topic}`])
    expect(Object.keys(messages)).toHaveLength(methodNames.length * 2 + eventTopics.length + 1)
  })

  it('has the topics of MQTT that the hub speaks and listens on', () => {
    const topics = topicsOf('{hub}')
    const addresses = Object.values(asyncApi.channels as Record<string, { address: string }>)
    expect(new Set(addresses.map(({ address }) => address))).toEqual(
      new Set([
        '/ws',
        ...[topics.status, topics.info, topics.till, topics.state('{device}'), topics.event('{device}')],
        topics.alert('{alert}'),
        ...[topics.job('{job}'), topics.response('{request}'), `${topics.request}{method}`],
      ]),
    )
  })

  it('takes what the hub takes, gives and announces', () => {
    let checked = 0
    for (const method of methodNames) {
      check(`${typeName(method)}Request`, { jsonrpc: '2.0', id: 1, method, params: paramsExamples[method] })
      check(`${typeName(method)}Answer`, { jsonrpc: '2.0', id: 1, result: resultExamples[method] })
      checked++
    }
    for (const topic of eventTopics) {
      expect(eventSchemas[topic].safeParse(eventExamples[topic]).error).toBeUndefined()
      check(`${typeName(topic)}Data`, eventExamples[topic])
      expect(validator(`${typeName(topic)}Data`)({ nonsense: 1 })).toBe(false)
      checked++
    }
    expect(checked).toBe(methodNames.length + eventTopics.length)
    expect(checked).toBeGreaterThan(60)
  })
})

it('the documents are made in a moment', () => {
  const started = performance.now()
  openApiDocument('1')
  asyncApiDocument('1')
  expect(performance.now() - started).toBeLessThan(500)
})
