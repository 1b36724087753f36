/** Devices, the ports they may be on, displays in browsers, scales. */
import { z } from 'zod'
import {
  deviceAddSchema,
  deviceIdSchema,
  deviceNameSchema,
  deviceSchema,
  portSchema,
  weightSchema,
} from '../device.ts'
import { displayShowPayloadSchema } from '../job.ts'
import { traceEntrySchema, traceHeaderSchema } from '../trace.ts'
import { audited, byDeviceSchema, byIdSchema, emptySchema, everyone, method, technicians } from './method.ts'

export const deviceMethods = {
  'device.list': method(
    everyone,
    'All devices',
    emptySchema,
    z.strictObject({ devices: z.array(deviceSchema) }),
  ),
  'device.get': method(everyone, 'One device', byIdSchema, deviceSchema),
  'device.add': method(technicians, 'Accept a device on a port', deviceAddSchema, deviceSchema, audited),
  'device.rename': method(
    technicians,
    'Give a device another name',
    z.strictObject({ id: deviceIdSchema, name: deviceNameSchema }),
    deviceSchema,
    audited,
  ),
  'device.configure': method(
    technicians,
    'Change the settings, profile or port of a device; it is connected anew',
    z.strictObject({
      id: deviceIdSchema,
      settings: z.record(z.string(), z.unknown()).optional(),
      profile: z.string().max(100).optional(),
      port: z.string().min(1).max(400).optional(),
    }),
    deviceSchema,
    audited,
  ),
  'device.settings': method(
    technicians,
    'What can be set on a device: the schema of its driver, what its profile says, what was set on top',
    byIdSchema,
    z.strictObject({
      /** JSON Schema, draft 2020-12: one property per setting. */
      schema: z.record(z.string(), z.unknown()),
      profile: z.record(z.string(), z.unknown()),
      settings: z.record(z.string(), z.unknown()),
    }),
  ),
  'device.enable': method(technicians, 'Switch a device on', byIdSchema, deviceSchema, audited),
  'device.disable': method(technicians, 'Switch a device off', byIdSchema, deviceSchema, audited),
  'device.test': method(
    technicians,
    'Print a test ticket, read a weight, or say what can be tried by hand',
    byIdSchema,
    z.strictObject({ ok: z.boolean(), message: z.string(), job: z.string().optional() }),
  ),
  'device.remove': method(technicians, 'Forget a device', byIdSchema, emptySchema, audited),
  'device.backup': method(
    technicians,
    'Name the printer that takes over when this one cannot print; null for none',
    z.strictObject({ id: deviceIdSchema, backup: deviceIdSchema.nullable() }),
    deviceSchema,
    audited,
  ),
  'port.list': method(
    technicians,
    'Ports that discovery found',
    emptySchema,
    z.strictObject({ ports: z.array(portSchema) }),
  ),
  'port.probe': method(
    technicians,
    'Ask a port what is there by read-only questions. A thing that does not know them may print or show them; a drawer that opens at any character opens',
    z.strictObject({ port: z.string().min(1).max(400), driver: z.string().max(64).optional() }),
    portSchema,
    audited,
  ),
  'port.scan': method(
    technicians,
    'Look for printers on the LAN by opening port 9100 of each address; sends nothing to them',
    /** IPv4 network of at most 1024 addresses, `192.168.1.0/24`; default: the networks that the hub is in. */
    z.strictObject({ network: z.string().max(40).optional() }),
    z.strictObject({ ports: z.array(portSchema), asked: z.int() }),
    audited,
  ),
  'port.teach.start': method(
    technicians,
    'Find out which keyboard is a scanner: shows a code that only a scanner can type',
    z.strictObject({ ms: z.int().min(5_000).max(120_000) }),
    z.strictObject({
      teach: z.string(),
      code: z.string(),
      /** The code as a picture to be scanned from the screen. */
      svg: z.string(),
      expiresAt: z.iso.datetime(),
    }),
  ),
  'port.teach.wait': method(
    technicians,
    'Answers the port whose keyboard typed the code, with its layout; an error when the time is over',
    z.strictObject({ teach: z.string().max(64) }),
    portSchema,
  ),
  'device.trace': method(
    technicians,
    'The bytes between hub and device, both ways, from now on; ask again with `next` as `after`',
    z.strictObject({
      id: deviceIdSchema,
      after: z.int().min(0).optional(),
      /** Greets the device anew, so that the trace holds the whole conversation and can be replayed. */
      fresh: z.boolean().optional(),
      /** How long to wait for bytes. */
      ms: z.int().min(0).max(60_000).default(0),
    }),
    z.strictObject({
      trace: traceHeaderSchema,
      entries: z.array(traceEntrySchema),
      next: z.int(),
      /** Entries that were dropped because nobody asked for them in time. */
      lost: z.int(),
    }),
  ),
  'display.attach': method(
    everyone,
    'This connection shows a customer display from now on: what it shows, and the pictures for idle times',
    byDeviceSchema,
    z.strictObject({
      name: z.string(),
      revision: z.int(),
      document: displayShowPayloadSchema.nullable(),
      pictures: z.array(z.string()),
    }),
    { socketOnly: true },
  ),
  'display.shown': method(
    everyone,
    'This connection has painted a revision',
    z.strictObject({ device: deviceIdSchema, revision: z.int().min(0) }),
    emptySchema,
    { socketOnly: true },
  ),
  'driver.list': method(
    technicians,
    'Drivers with their profiles',
    emptySchema,
    z.strictObject({
      drivers: z.array(
        z.strictObject({
          id: z.string(),
          class: z.string(),
          name: z.string(),
          transports: z.array(z.string()),
          profiles: z.array(z.strictObject({ id: z.string(), name: z.string() })),
        }),
      ),
    }),
  ),

  'scale.read': method(
    everyone,
    'A fresh weight, or an error. Never an old value',
    z.strictObject({
      device: deviceIdSchema,
      /** For a scale that computes prices: the price for one unit of weight. */
      unitPrice: z
        .string()
        .regex(/^\d{1,6}(\.\d{1,4})?$/, 'is not a decimal price')
        .optional(),
    }),
    weightSchema,
  ),
} as const
