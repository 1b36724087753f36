/** Devices as the outside sees them: class, state, capabilities, faults. */
import { z } from 'zod'

export const deviceClassSchema = z.enum(['printer', 'scale', 'scanner', 'drawer', 'display', 'terminal'])
export type DeviceClass = z.infer<typeof deviceClassSchema>

export const deviceStateSchema = z.enum(['absent', 'connecting', 'ready', 'busy', 'faulty', 'disabled'])
export type DeviceState = z.infer<typeof deviceStateSchema>

export const capabilitySchema = z.enum(['printing', 'drawer', 'weighing', 'scanning', 'displaying', 'paying'])
export type Capability = z.infer<typeof capabilitySchema>

/** Faults a person can mend, and two that only warn (`paper_low`, `drawer_open` is not a fault). */
export const faultCodeSchema = z.enum([
  'paper_out',
  'paper_low',
  'cover_open',
  'cutter_jam',
  'overheated',
  'printer_error',
  'offline',
  'not_responding',
  'port_unavailable',
  'scale_error',
  'paused',
  'ribbon_out',
  'media_jam',
  'display_error',
])
export type FaultCode = z.infer<typeof faultCodeSchema>

export const faultSchema = z.strictObject({
  code: faultCodeSchema,
  /** True when the device cannot work until it is mended. */
  blocking: z.boolean(),
  /** What is wrong and what to do, for a person. */
  message: z.string(),
  since: z.iso.datetime(),
})
export type Fault = z.infer<typeof faultSchema>

/** id: 1 to 64 of `a-z0-9-`, made by the hub when the device is accepted and never changed. */
export const deviceIdSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'is not a device id')

export const deviceSchema = z.strictObject({
  id: deviceIdSchema,
  name: z.string(),
  class: deviceClassSchema,
  state: deviceStateSchema,
  capabilities: z.array(capabilitySchema),
  driver: z.string(),
  profile: z.string(),
  port: z.string(),
  demo: z.boolean(),
  faults: z.array(faultSchema),
  /** Facts of the class: maker, model, firmware, serial, paper width, drawer, last weight time … */
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
})
export type Device = z.infer<typeof deviceSchema>

export const deviceNameSchema = z.string().trim().min(1).max(80)

export const deviceAddSchema = z.strictObject({
  class: deviceClassSchema,
  driver: z.string().min(1).max(64),
  port: z.string().min(1).max(400),
  profile: z.string().min(1).max(120).optional(),
  name: deviceNameSchema.optional(),
  settings: z.record(z.string(), z.unknown()).optional(),
})
export type DeviceAdd = z.infer<typeof deviceAddSchema>

/** A place where a device may be, as discovery found it. */
export const portSchema = z.strictObject({
  /** The port as a URL: `serial:/dev/ttyUSB0`, `tcp://192.168.1.50:9100`. */
  url: z.string(),
  /** What names the place or the thing in it across reboots: by-id name, USB path, mDNS instance. */
  fingerprint: z.string(),
  label: z.string(),
  source: z.enum(['serial', 'usb', 'hid', 'mdns', 'scan', 'config', 'manual', 'demo']),
  /** The device that has the port, when one was accepted. */
  device: z.string().nullable(),
  /** What the probe or the announcement says is there. */
  suggestion: z
    .strictObject({
      class: deviceClassSchema,
      driver: z.string(),
      profile: z.string(),
      /** The port with the line settings on which the device answered, when they matter. */
      port: z.string().optional(),
      settings: z.record(z.string(), z.unknown()).optional(),
      /** True when ids or an answer leave no doubt; what is only likely always waits for a technician. */
      sure: z.boolean(),
    })
    .nullable(),
  /** Facts of the thing on the port: maker, product, serial, vendorId, productId, tty, … */
  details: z.record(z.string(), z.string()).optional(),
  /** Why it cannot be used as it is, and the cure, for a person. */
  trouble: z.string().optional(),
})
export type PortRecord = z.infer<typeof portSchema>

/** weight: a decimal string, never a float. */
export const weightSchema = z.strictObject({
  weight: z.string().regex(/^-?\d+(\.\d+)?$/),
  unit: z.enum(['kg', 'g', 'lb', 'oz']),
  stable: z.boolean(),
  /** True when a tare is taken off (the weight is net). */
  tare: z.boolean(),
  /** True when the scale says that it stands at the centre of zero; absent when it does not say. */
  zero: z.boolean().optional(),
  /** Price for one unit of weight that the scale was given, and what it computed; only scales that compute prices. */
  unitPrice: z
    .string()
    .regex(/^\d+(\.\d+)?$/)
    .optional(),
  total: z
    .string()
    .regex(/^\d+(\.\d+)?$/)
    .optional(),
  at: z.iso.datetime(),
})
export type Weight = z.infer<typeof weightSchema>

export const scanSchema = z.strictObject({
  code: z.string(),
  symbology: z.string().optional(),
  /** Application identifiers of a GS1 symbol, `{"01": "…", "3103": "001750"}`. Objects keep no order of such keys. */
  gs1: z.record(z.string(), z.string()).optional(),
  /** What a code with a weight or a price inside stands for, by the rules of the shop. */
  item: z
    .strictObject({
      /** Name of the rule that fitted. */
      rule: z.string(),
      /** The code under which the catalogue knows the article: value digits zeroed, check digit computed anew. */
      key: z.string(),
      weight: z.string().optional(),
      unit: z.enum(['kg', 'g', 'lb', 'oz']).optional(),
      /** Price of the piece in major units, a decimal string. */
      price: z.string().optional(),
      quantity: z.string().optional(),
      /** Discount in percent, a decimal string. */
      discount: z.string().optional(),
    })
    .optional(),
})
export type Scan = z.infer<typeof scanSchema>
