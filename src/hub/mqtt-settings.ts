/** From the configuration of the broker to what its door is handed: files and variables become ways to what is in them. */
import type { Config } from './config.ts'
import type { MqttSettings } from './doors/mqtt/mqtt-door.ts'
import { readSecret } from './upstream-settings.ts'

/** undefined where no broker is named. */
export function mqttSettings({
  clientId,
  discoveryPrefix,
  homeAssistant,
  passwordEnv,
  passwordFile,
  requests,
  url,
  ...rest
}: Config['mqtt']): MqttSettings | undefined {
  if (url === undefined) return undefined
  const named = passwordFile !== undefined || passwordEnv !== undefined
  return {
    ...rest,
    url,
    clientId,
    requests: requests === 'off' ? undefined : requests,
    discovery: homeAssistant ? discoveryPrefix : undefined,
    ...(named && {
      password: () => readSecret({ file: passwordFile, env: passwordEnv, path: 'mqtt', of: 'the broker' }),
    }),
  }
}
