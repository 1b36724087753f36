/** MQTT in the AsyncAPI document: the topics of docs/mqtt.md, on the broker of the box and on any other. */

import { type Components, type JsonObject, ref, typeName } from './document-parts.ts'
import { eventSchemas } from './event.ts'

const servers: JsonObject = {
  broker: {
    host: '{broker}',
    protocol: 'mqtt',
    description: 'The broker on the box (docs/broker.md), or one that the hub is a client of (docs/mqtt.md)',
    variables: { broker: { default: 'localhost:1883', description: 'Address and port of the broker' } },
  },
}

/** Topics whose events are told of the device that they come from, and those that tills hear. */
const deviceTopics = ['scan', 'scale.weight', 'drawer.opened', 'drawer.closed', 'drawer.forced'] as const
const tillTopics = Object.keys(eventSchemas).filter((topic) => topic.startsWith('till.'))

interface Channel {
  title: string
  /** Below `tillbridge/{hub}/`. */
  topic: string
  parameters?: readonly string[]
  description: string
  payload: JsonObject
  /** What the hub does. */
  action: 'send' | 'receive'
}

function channelsOf(): Record<string, Channel> {
  const happening = (topics: readonly string[]): JsonObject => ({
    oneOf: topics.map((topic) => ({
      type: 'object',
      properties: {
        topic: { const: topic },
        seq: { type: 'integer', minimum: 1 },
        at: { type: 'string', format: 'date-time' },
        data: ref(`${typeName(topic)}Data`),
      },
      required: ['topic', 'seq', 'at', 'data'],
      additionalProperties: false,
    })),
  })
  const text: JsonObject = { type: 'string' }
  return {
    mqttStatus: {
      ...{ title: 'Whether the hub is there', topic: 'status', action: 'send' as const },
      description: 'Retained. The will of the hub says offline.',
      payload: { type: 'string', enum: ['online', 'offline'] },
    },
    mqttInfo: {
      ...{ title: 'Who the hub is', topic: 'info', action: 'send' as const },
      description: 'Retained.',
      payload: {
        type: 'object',
        properties: { hub: text, name: text, version: text },
        required: ['hub', 'name', 'version'],
        additionalProperties: false,
      },
    },
    mqttDeviceState: {
      ...{
        title: 'A device',
        topic: 'device/{device}/state',
        parameters: ['device'],
        action: 'send' as const,
      },
      description: 'Retained, with each change; empty when it was removed.',
      payload: ref('Device'),
    },
    mqttDeviceEvent: {
      ...{ title: 'Something happened', topic: 'device/{device}/event', parameters: ['device'] },
      action: 'send',
      description: 'A scan, a weight, a drawer.',
      payload: happening(deviceTopics),
    },
    mqttJob: {
      ...{ title: 'A job', topic: 'job/{job}', parameters: ['job'], action: 'send' as const },
      description: 'With each change.',
      payload: ref('Job'),
    },
    mqttAlert: {
      ...{ title: 'An alert', topic: 'alert/{alert}', parameters: ['alert'], action: 'send' as const },
      description: 'Retained while it is raised; empty when it was cleared.',
      payload: ref('AlertRaisedData'),
    },
    mqttTill: {
      ...{ title: 'Something happened at a till', topic: 'till', action: 'send' as const },
      description: 'Where tills may sell over the broker.',
      payload: happening(tillTopics),
    },
    mqttRequest: {
      ...{
        title: 'A request',
        topic: 'request/{method}',
        parameters: ['method'],
        action: 'receive' as const,
      },
      description: 'The params of the method, with an id. Never retained. Methods of WebSockets are refused.',
      payload: {
        type: 'object',
        properties: { id: { type: 'string', pattern: '^[A-Za-z0-9._-]{1,64}$' } },
      },
    },
    mqttResponse: {
      ...{
        title: 'Its answer',
        topic: 'response/{request}',
        parameters: ['request'],
        action: 'send' as const,
      },
      description: 'With MQTT 5 it goes to the response topic, with the correlation data.',
      payload: {
        type: 'object',
        properties: { id: text, result: {}, error: ref('Error') },
        oneOf: [{ required: ['result'] }, { required: ['error'] }],
        additionalProperties: false,
      },
    },
  }
}

/** Servers, channels and operations of MQTT, and the records that they name. */
export function mqttParts(components: Components): {
  servers: JsonObject
  channels: JsonObject
  operations: JsonObject
} {
  for (const topic of [...deviceTopics, ...tillTopics, 'alert.raised'])
    components.add(`${typeName(topic)}Data`, eventSchemas[topic as keyof typeof eventSchemas], 'output')
  const [channels, operations]: [JsonObject, JsonObject] = [{}, {}]
  for (const [name, channel] of Object.entries(channelsOf())) {
    const { action, description, parameters = [], payload, title, topic } = channel
    channels[name] = {
      address: `tillbridge/{hub}/${topic}`,
      title,
      description,
      servers: [{ $ref: '#/servers/broker' }],
      parameters: Object.fromEntries(
        ['hub', ...parameters].map((each) => [each, { description: `The id of the ${each}` }]),
      ),
      messages: { message: { name, title, payload } },
    }
    operations[name] = {
      action,
      summary: title,
      channel: { $ref: `#/channels/${name}` },
      messages: [{ $ref: `#/channels/${name}/messages/message` }],
      ...(name === 'mqttRequest' && {
        reply: {
          channel: { $ref: '#/channels/mqttResponse' },
          messages: [{ $ref: '#/channels/mqttResponse/messages/message' }],
        },
      }),
    }
  }
  return { servers, channels, operations }
}
