/** Words for the settings of the hub, by their path in the file; what is not here shows the words of the schema. */
import type { FieldWords } from '../../../parts/schema-form.tsx'
import type { WordKey } from '../../../words/en.ts'
import { say } from '../../../words/say.ts'

const settings: Readonly<Record<string, readonly [label: WordKey, hint?: WordKey]>> = {
  hub: ['box.set.hub'],
  'hub.name': ['box.set.hub.name', 'box.set.hub.name.hint'],
  http: ['box.set.http'],
  'http.bind': ['box.set.http.bind', 'box.set.http.bind.hint'],
  'http.port': ['box.set.http.port', 'box.set.port.hint'],
  https: ['box.set.https'],
  'https.enabled': ['box.set.https.enabled', 'box.set.https.enabled.hint'],
  'https.port': ['box.set.https.port', 'box.set.port.hint'],
  network: ['box.set.network'],
  'network.name': ['box.set.network.name', 'box.set.network.name.hint'],
  'network.hosts': ['box.set.network.hosts', 'box.set.network.hosts.hint'],
  tls: ['box.set.tls'],
  'tls.mode': ['box.set.tls.mode', 'box.set.tls.mode.hint'],
  'tls.cert': ['box.set.tls.cert', 'box.set.tls.cert.hint'],
  'tls.key': ['box.set.tls.key', 'box.set.tls.key.hint'],
  'tls.acme': ['box.set.tls.acme'],
  'tls.acme.directory': ['box.set.tls.acme.directory', 'box.set.tls.acme.directory.hint'],
  'tls.acme.email': ['box.set.tls.acme.email', 'box.set.tls.acme.email.hint'],
  'tls.acme.names': ['box.set.tls.acme.names', 'box.set.tls.acme.names.hint'],
  'tls.acme.hook': ['box.set.tls.acme.hook', 'box.set.tls.acme.hook.hint'],
  'tls.acme.propagationMs': ['box.set.tls.acme.propagationMs', 'box.set.tls.acme.propagationMs.hint'],
  'tls.acme.root': ['box.set.tls.acme.root', 'box.set.tls.acme.root.hint'],
  access: ['box.set.access'],
  'access.tokensOver': ['box.set.access.tokensOver', 'box.set.access.tokensOver.hint'],
  'access.origins': ['box.set.access.origins', 'box.set.access.origins.hint'],
  'access.sessionIdleMs': ['box.set.access.sessionIdleMs', 'box.set.access.sessionIdleMs.hint'],
  'access.sessionMs': ['box.set.access.sessionMs', 'box.set.access.sessionMs.hint'],
  log: ['box.set.log'],
  'log.level': ['box.set.log.level', 'box.set.log.level.hint'],
  demo: ['box.set.demo'],
  'demo.enabled': ['box.set.demo.enabled', 'box.set.demo.enabled.hint'],
  discovery: ['box.set.discovery'],
  'discovery.serial': ['box.set.discovery.serial', 'box.set.discovery.serial.hint'],
  'discovery.usb': ['box.set.discovery.usb', 'box.set.discovery.usb.hint'],
  'discovery.hid': ['box.set.discovery.hid', 'box.set.discovery.hid.hint'],
  'discovery.mdns': ['box.set.discovery.mdns', 'box.set.discovery.mdns.hint'],
  'discovery.autoAccept': ['box.set.discovery.autoAccept', 'box.set.discovery.autoAccept.hint'],
  jobs: ['box.set.jobs'],
  'jobs.printExpiryMs': ['box.set.jobs.printExpiryMs', 'box.set.jobs.printExpiryMs.hint'],
  'jobs.instantExpiryMs': ['box.set.jobs.instantExpiryMs', 'box.set.jobs.instantExpiryMs.hint'],
  'jobs.backupAfterMs': ['box.set.jobs.backupAfterMs', 'box.set.jobs.backupAfterMs.hint'],
  scanning: ['box.set.scanning'],
  'scanning.presets': ['box.set.scanning.presets', 'box.set.scanning.presets.hint'],
  'scanning.rules': ['box.set.scanning.rules', 'box.set.scanning.rules.hint'],
  till: ['box.set.till'],
  'till.upstreams': ['box.set.till.upstreams', 'box.set.till.upstreams.hint'],
}

export function settingWords(path: string): FieldWords | undefined {
  const words = settings[path]
  if (words === undefined) return undefined
  const [label, hint] = words
  return { label: say(label), hint: hint === undefined ? undefined : say(hint) }
}

/** The label of a setting, or its path. */
export function labelOf(path: string): string {
  return settingWords(path)?.label ?? path
}
