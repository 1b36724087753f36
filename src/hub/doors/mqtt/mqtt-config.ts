/** The settings of the hub on somebody's broker. */
import { z } from 'zod'
import { homeAssistantShape, pathSchema, variableSchema } from '../../setting-schemas.ts'

export const mqttSection = z
  .strictObject({
    url: z
      .string()
      .max(1_000)
      .regex(
        /^(mqtts?|wss?):\/\/[^/?#@\s]+/,
        'is not mqtt://, mqtts://, ws:// or wss:// with a host, and without a password in it',
      )
      .optional()
      .describe('Broker that the hub tells of its devices: mqtts://broker.example:8883. Left out: none.'),
    clientId: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,64}$/, 'is not 1 to 64 of A-Z, a-z, 0-9, _ and -')
      .optional()
      .describe('Left out: tillbridge- and the id of the hub.'),
    username: z.string().max(200).optional().describe('As the broker knows the hub.'),
    passwordFile: pathSchema.optional().describe('File whose text, without the line end, is the password.'),
    passwordEnv: variableSchema
      .optional()
      .describe('Where there is no such file: the environment variable of the hub that holds it.'),
    ca: pathSchema.optional().describe('PEM file with the root of a private authority.'),
    cert: pathSchema
      .optional()
      .describe('PEM file with a certificate of the hub, for brokers that ask for one.'),
    key: pathSchema.optional().describe('PEM file with its key.'),
    requests: z
      .enum(['off', 'monitor', 'cashier', 'technician'])
      .default('off')
      .describe(
        'As which role requests act that come by the broker. Whoever may publish to tillbridge/HUB/request/ there has it.',
      ),
    ...homeAssistantShape,
  })
  .prefault({})
