/** The API documents, OpenAPI 3.1 and AsyncAPI 3.0, built from the same tables the hub works by. */

import { mqttParts } from './document-mqtt.ts'
import {
  addErrors,
  addMethod,
  Components,
  isSocketOnly,
  type Json,
  type JsonObject,
  ref,
  typeName,
} from './document-parts.ts'
import { errorResponses, httpPaths, json, securitySchemes } from './document-paths.ts'
import { eventSchemas, eventTopics } from './event.ts'
import { type MethodName, methodNames, methods, protocolName } from './methods.ts'

const license = { name: 'Apache-2.0', identifier: 'Apache-2.0' }

const requestExamples: Partial<Record<MethodName, JsonObject>> = {
  'device.list': {},
  'job.submit': {
    id: 'sale-4711-receipt',
    device: 'printer-1',
    kind: 'print',
    payload: {
      receipt: { blocks: [{ type: 'text', text: 'Café Žižkov', align: 'center' }, { type: 'cut' }] },
    },
  },
  'job.wait': { id: 'sale-4711-receipt', ms: 25_000 },
  'scale.read': { device: 'scale-1' },
}

function rpcPath(components: Components): JsonObject {
  const names = methodNames.filter((name) => !isSocketOnly(name))
  const requests = names.map((name) => `${typeName(name)}Request`)
  components.put('RpcRequest', {
    type: 'object',
    oneOf: requests.map(ref),
    discriminator: {
      propertyName: 'method',
      mapping: Object.fromEntries(
        names.map((name) => [name, `#/components/schemas/${typeName(name)}Request`]),
      ),
    },
  })
  // Results of different methods may have the same shape, so that more than one can fit.
  components.put('RpcAnswer', { anyOf: names.map((name) => ref(`${typeName(name)}Answer`)) })
  const examples = Object.entries(requestExamples).map(([method, params]): [string, Json] => [
    method,
    { summary: methods[method as MethodName].summary, value: { jsonrpc: '2.0', id: 1, method, params } },
  ])
  return {
    post: {
      operationId: 'rpc',
      summary: 'Call a method of the hub',
      description: [
        'One JSON-RPC 2.0 request; the twin of the WebSocket. Methods:',
        '',
        ...names.map((name) => `- \`${name}\` (${methods[name].roles.join(', ')}): ${methods[name].summary}`),
      ].join('\n'),
      security: [{ token: [] }],
      requestBody: {
        required: true,
        content: json(ref('RpcRequest'), { examples: Object.fromEntries(examples) }),
      },
      responses: {
        200: { description: 'The answer', content: json(ref('RpcAnswer')) },
        204: { description: 'The request had no id: nothing was done' },
        ...errorResponses(ref('ErrorAnswer')),
      },
    },
  }
}

/** OpenAPI 3.1 of the HTTP side. Costs some milliseconds: keep the answer. */
export function openApiDocument(version: string): JsonObject {
  const components = new Components('draft-2020-12')
  addErrors(components)
  for (const name of methodNames) if (!isSocketOnly(name)) addMethod(components, name)
  const paths: JsonObject = { ...httpPaths(components), '/api/v1/rpc': rpcPath(components) }
  components.refine()
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tillbridge',
      version,
      description: 'The hub of a shop: its printers, scales, scanners and drawers for every till on the LAN.',
      license,
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: components.schemas,
      securitySchemes,
    },
  }
}

const socket: JsonObject = { $ref: '#/channels/socket' }
const socketMessage = (name: string): JsonObject => ({ $ref: `#/channels/socket/messages/${name}` })

/** AsyncAPI 3.0 of the WebSocket, seen from the hub. Its own schema dialect is a superset of JSON Schema draft 7. */
export function asyncApiDocument(version: string): JsonObject {
  const components = new Components('draft-7')
  addErrors(components)
  const messages: JsonObject = { error: { name: 'error', title: 'Any error', payload: ref('ErrorAnswer') } }
  const operations: JsonObject = {}
  for (const name of methodNames) {
    addMethod(components, name)
    const [request, answer] = [`${name}.request`, `${name}.answer`]
    const { summary, roles } = methods[name]
    messages[request] = { name: request, title: summary, payload: ref(`${typeName(name)}Request`) }
    messages[answer] = { name: answer, title: `Answer to ${name}`, payload: ref(`${typeName(name)}Answer`) }
    operations[name] = {
      action: 'receive',
      summary,
      description: `Roles: ${roles.join(', ')}.`,
      channel: socket,
      messages: [socketMessage(request)],
      reply: { channel: socket, messages: [socketMessage(answer), socketMessage('error')] },
    }
  }
  for (const topic of eventTopics) {
    const data = components.add(`${typeName(topic)}Data`, eventSchemas[topic], 'output')
    const name = `event.${topic}`
    messages[name] = { name, title: `Event ${topic}`, payload: eventPayload(topic, data) }
  }
  operations.event = {
    action: 'send',
    summary: 'Facts, numbered, after event.subscribe',
    channel: socket,
    messages: eventTopics.map((topic) => socketMessage(`event.${topic}`)),
  }
  const mqtt = mqttParts(components)
  components.refine()
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Tillbridge',
      version,
      description: `JSON-RPC 2.0 over WebSocket, subprotocol ${protocolName}. The first request is hello, with the token. The same by MQTT.`,
      license: { name: license.name },
    },
    defaultContentType: 'application/json',
    servers: {
      hub: {
        host: '{hub}',
        protocol: 'ws',
        variables: { hub: { default: 'localhost:8080', description: 'Address and port of the hub' } },
      },
      ...mqtt.servers,
    },
    channels: {
      socket: { address: '/ws', servers: [{ $ref: '#/servers/hub' }], messages },
      ...mqtt.channels,
    },
    operations: { ...operations, ...mqtt.operations },
    components: { schemas: components.schemas },
  }
}

function eventPayload(topic: string, data: JsonObject): JsonObject {
  return {
    type: 'object',
    properties: {
      jsonrpc: { const: '2.0' },
      method: { const: 'event' },
      params: {
        type: 'object',
        properties: {
          seq: { type: 'integer', minimum: 1 },
          topic: { const: topic },
          device: { type: 'string' },
          at: { type: 'string', format: 'date-time' },
          data,
        },
        required: ['seq', 'topic', 'at', 'data'],
        additionalProperties: false,
      },
    },
    required: ['jsonrpc', 'method', 'params'],
    additionalProperties: false,
  }
}
