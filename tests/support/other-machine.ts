/** Runs in a network of its own with an address that is not loopback, and tells how a hub there treats plain http. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import mqtt from 'mqtt'
import { type Attack, attack, rpcAttack, upgradeHeaders } from './attacker.ts'
import { HubProcess, temporaryDir, until } from './hub-process.ts'

const address = '10.9.8.7'
const json = { 'Content-Type': 'application/json' }
const password = 'correct horse battery'

const dir = temporaryDir()
writeFileSync(join(dir, 'tillbridge.toml'), '[broker]\nenabled = true\n')
const hub = await HubProcess.start({ dir, args: ['--bind', '0.0.0.0', '--log', 'error'] })
const plainUrl = `http://${address}:${new URL(hub.url).port}`
const secureUrl = `https://${address}:${new URL(hub.httpsUrl ?? '').port}`
const token = await hub.token('technician')

// Who vouches for the certificate is the matter of other tests.
const secureAsk = (path: string, options: Attack) =>
  attack(secureUrl, path, { ...options, tls: { rejectUnauthorized: false } })

const setUp: Attack = {
  method: 'POST',
  headers: { ...json, Origin: secureUrl },
  body: JSON.stringify({ code: hub.setUpCode, name: 'Ada', password }),
}
const begun = await secureAsk('/api/v1/setup', setUp)
const cookie = begun.headers['set-cookie']?.[0]
const secret = cookie?.split(';')[0]?.split('=')[1]
const outcome = async (path: string, options: Attack = {}) => {
  const answer = await attack(plainUrl, path, options)
  return [answer.status, answer.code ?? null]
}
const post = (body: object): Attack => ({ method: 'POST', headers: json, body: JSON.stringify(body) })
const bearer = { Authorization: `Bearer ${token}` }
const plain = {
  health: await outcome('/api/v1/health'),
  setUpState: await outcome('/api/v1/setup'),
  rpc: await outcome('/api/v1/rpc', rpcAttack('device.list', {}, bearer)),
  pair: await outcome('/api/v1/pair', post({ code: '123456', name: 'till' })),
  logIn: await outcome('/api/v1/session', post({ name: 'Ada', password })),
  setUp: await outcome('/api/v1/setup', post({ code: hub.setUpCode, name: 'Eve', password })),
  session: await outcome('/api/v1/session', {
    headers: { Cookie: `tillbridge=${secret}`, Origin: plainUrl, 'X-Tillbridge': '1' },
  }),
  socket: await outcome('/ws', { headers: upgradeHeaders }),
}
const secure = await secureAsk('/api/v1/rpc', rpcAttack('device.list', {}, bearer))
const monitor = { Authorization: `Bearer ${await hub.token('monitor')}` }
const metrics = [
  (await secureAsk('/metrics', {})).status,
  (await secureAsk('/metrics', { headers: monitor })).status,
]
/** `let in`, or the code of the refusal. */
const joined = (url: string) =>
  mqtt
    .connectAsync(
      url,
      {
        ...{ protocolVersion: 4, username: 'any', password: token, reconnectPeriod: 0 },
        rejectUnauthorized: false,
      },
      false,
    )
    .then(
      async (client) => {
        await client.endAsync(true)
        return 'let in'
      },
      ({ code }: { code?: unknown }) => code,
    )
const secureMqtt = () => joined(`mqtts://${address}:8883`)
// The broker opens a moment after the hub.
await until(async () => (await secureMqtt()) === 'let in', 'the broker')
const mqttOutcome = {
  plain: await joined(`mqtt://${address}:1883`),
  onTheBox: await joined('mqtt://127.0.0.1:1883'),
  secure: await secureMqtt(),
}
const log = await secureAsk('/api/v1/rpc', rpcAttack('audit.list', { text: 'plain.refused' }, bearer))
const [refused] = JSON.parse(log.text).result.entries
process.stdout.write(
  `${JSON.stringify({ plain, mqtt: mqttOutcome, secure: { rpc: secure.status, metrics, cookie }, refused })}\n`,
)
await hub.end()
