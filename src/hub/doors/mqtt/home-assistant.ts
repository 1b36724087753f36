/**
 * What Home Assistant is told, so that hub and devices are there by themselves: its discovery by device, one message each
 * (home-assistant.io, MQTT integration: "Device discovery payload").
 */
import type { Device, DeviceClass } from '../../../protocol/device.ts'
import type { HubTopics } from './topics.ts'

interface About {
  hub: string
  name: string
  version: string
  topics: HubTopics
  /** Whether buttons would be heard: tests of devices are a technician's. */
  mayRequest: boolean
}

type Component = Record<string, unknown>

const idOf = (hub: string, device?: string): string =>
  ['tillbridge', hub, device].filter((part) => part !== undefined).join('_')

export const configTopicOf = (prefix: string, hub: string, device?: string): string =>
  `${prefix}/device/${idOf(hub, device)}/config`

const originOf = ({ version }: About) => ({ name: 'Tillbridge', sw_version: version })

export function hubDiscovery(about: About): object {
  const { hub, name, topics, version } = about
  const id = idOf(hub)
  return {
    device: { identifiers: [id], name, manufacturer: 'Tillbridge', model: 'Hub', sw_version: version },
    origin: originOf(about),
    components: {
      connected: {
        platform: 'binary_sensor',
        unique_id: `${id}_connected`,
        name: 'Connected',
        device_class: 'connectivity',
        entity_category: 'diagnostic',
        state_topic: topics.status,
        payload_on: 'online',
        payload_off: 'offline',
      },
    },
  }
}

export function discoveryOf(device: Device, about: About): object {
  const { hub, topics } = about
  const id = idOf(hub, device.id)
  const state = topics.state(device.id)
  const detail = (name: string) => {
    const value = device.details[name]
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const components: Record<string, Component> = {
    problem: {
      platform: 'binary_sensor',
      name: 'Problem',
      device_class: 'problem',
      state_topic: state,
      value_template:
        "{{ 'ON' if value_json.state in ['absent', 'faulty'] or value_json.faults | selectattr('blocking') | list else 'OFF' }}",
      json_attributes_topic: state,
      json_attributes_template: '{{ {"faults": value_json.faults} | tojson }}',
    },
    state: {
      platform: 'sensor',
      name: 'State',
      device_class: 'enum',
      options: ['absent', 'connecting', 'ready', 'busy', 'faulty', 'disabled'],
      entity_category: 'diagnostic',
      state_topic: state,
      value_template: '{{ value_json.state }}',
    },
    ...ofClass[device.class]?.(topics.event(device.id)),
  }
  if (about.mayRequest)
    components.test = {
      platform: 'button',
      name: 'Test',
      entity_category: 'diagnostic',
      command_topic: `${topics.request}device.test`,
      payload_press: JSON.stringify({ id: device.id }),
    }
  const withIds = Object.entries(components).map(([key, component]) => [
    key,
    { ...component, unique_id: `${id}_${key}` },
  ])
  return {
    device: {
      identifiers: [id],
      name: device.name,
      manufacturer: detail('maker'),
      model: detail('model') ?? device.profile,
      serial_number: detail('serial'),
      sw_version: detail('firmware'),
      via_device: idOf(hub),
    },
    origin: originOf(about),
    availability_topic: topics.status,
    components: Object.fromEntries(withIds),
  }
}

/** `topic` of an event tells what it is; others leave the value as it was. */
const only = (topic: string, value: string): string =>
  `{% if value_json.topic == '${topic}' %}{{ ${value} }}{% else %}{{ this.state }}{% endif %}`

const ofClass: Partial<Record<DeviceClass, (events: string) => Record<string, Component>>> = {
  scale: (events) => ({
    weight: {
      platform: 'sensor',
      name: 'Weight',
      state_topic: events,
      value_template: only('scale.weight', "value_json.data.weight ~ ' ' ~ value_json.data.unit"),
    },
  }),
  scanner: (events) => ({
    scan: {
      platform: 'event',
      name: 'Scan',
      event_types: ['scan'],
      state_topic: events,
      value_template: '{{ {"event_type": value_json.topic, "code": value_json.data.code} | tojson }}',
    },
  }),
  drawer: (events) => ({
    open: {
      platform: 'binary_sensor',
      name: 'Open',
      device_class: 'opening',
      state_topic: events,
      value_template: "{{ 'OFF' if value_json.topic == 'drawer.closed' else 'ON' }}",
    },
  }),
}
