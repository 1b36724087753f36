/** The settings of the broker on the box. */
import { z } from 'zod'
import { homeAssistantShape } from '../../setting-schemas.ts'

const portSchema = z.int().min(0).max(65_535)

export const brokerSection = z
  .strictObject({
    enabled: z
      .boolean()
      .default(false)
      .describe(
        'Run an MQTT broker for the shop. Whoever connects shows a token of the hub as its password.',
      ),
    port: portSchema
      .default(1883)
      .describe(
        'Port of plain MQTT; 0: none. By it tokens are taken from the box itself only, unless access.tokensOver is "any".',
      ),
    tlsPort: portSchema
      .default(8883)
      .describe('Port of MQTT by TLS, with the certificate of https; 0: none.'),
    ...homeAssistantShape,
  })
  .prefault({})
