/** Port URLs: how a place where a device may be is written, in configuration, on screens and on the wire. */
import { HubError } from '../../protocol/errors.ts'
import type { PortAddress } from './transport.ts'

/** Longest port URL taken, in characters; `device.add` has the same limit. */
export const portUrlCharsMax = 400
/** The port of a raw printing socket ("JetDirect"), used when a tcp URL names none. */
export const tcpPortDefault = 9100
/** The port that IPP has (RFC 8010, 4.2). */
export const ippPortDefault = 631

const baudMax = 4_000_000
/** Highest line of a GPIO chip that is taken; the largest chips known have some hundred. */
const gpioLineMax = 1_023
type OptionChecks = Readonly<Record<string, { ok: (value: string) => boolean; want: string }>>
const optionChecks: OptionChecks = {
  baud: { ok: (value) => /^[1-9]\d{0,6}$/.test(value) && Number(value) <= baudMax, want: `1 to ${baudMax}` },
  format: {
    ok: (value) => /^[5-8][NEO][12]$/.test(value),
    want: 'data bits, parity, stop bits, such as 8N1 or 7E1',
  },
  flow: { ok: (value) => ['none', 'rtscts', 'xonxoff'].includes(value), want: 'none, rtscts or xonxoff' },
}
const hidOptionChecks: OptionChecks = {
  exclusive: { ok: (value) => ['yes', 'no'].includes(value), want: 'yes or no' },
}
const usbOptionChecks: OptionChecks = {
  at: {
    ok: (value) => /^\d{1,3}-\d{1,3}(\.\d{1,3}){0,6}$/.test(value),
    want: 'the place on the bus, such as 1-1.2',
  },
  interface: { ok: (value) => /^(0|[1-9]\d{0,2})$/.test(value) && Number(value) <= 254, want: '0 to 254' },
}
/** Without it the connection is not encrypted. `insecure`: encrypted, whatever certificate the printer shows. */
const ippOptionChecks: OptionChecks = {
  tls: { ok: (value) => ['verify', 'insecure'].includes(value), want: 'verify or insecure' },
}
const gpioOptionChecks: OptionChecks = {
  active: { ok: (value) => ['high', 'low'].includes(value), want: 'high or low' },
  bias: {
    ok: (value) => ['pull-up', 'pull-down', 'disabled'].includes(value),
    want: 'pull-up, pull-down or disabled',
  },
  sense: { ok: isGpioLine, want: `a line, 0 to ${gpioLineMax}` },
}

/**
 * Reads a port URL and normalises it: `tcp://HOST[:9100]`, `serial:/dev/PATH?baud=&format=&flow=`, `memory:NAME`,
 * `usb:VID:PID[/SERIAL][?at=PLACE&interface=N]`, `hid:/dev/PATH[?exclusive=yes]`, `ipp://HOST[:PORT]/PATH[?tls=verify]`,
 * `ipps:` is `ipp:` with `tls=insecure`,
 * and `gpio:CHIP/LINE[?sense=LINE&active=low&bias=pull-up]`, the chip by its label or name.
 * Throws HubError `port_invalid` with the reason, and nothing else.
 */
export function parsePortUrl(text: string): PortAddress {
  const refuse = (reason: string): never => {
    throw new HubError('port_invalid', { port: text.slice(0, portUrlCharsMax), reason })
  }
  const tooLong = `it is longer than ${portUrlCharsMax} characters`
  if (text.length > portUrlCharsMax) return refuse(tooLong)
  const port = parseKind(text, refuse)
  // Written out it may be longer, and has to be read again.
  return port.url.length > portUrlCharsMax ? refuse(tooLong) : port
}

function parseKind(text: string, refuse: Refuse): PortAddress {
  const [, scheme = '', rest = ''] = /^([a-zA-Z]+):(.*)$/s.exec(text) ?? []
  switch (scheme.toLowerCase()) {
    case 'tcp':
      return parseTcp(rest, refuse)
    case 'serial':
      return parseSerial(rest, refuse)
    case 'memory':
      if (!/^[A-Za-z0-9._-]{1,64}$/.test(rest)) return refuse('a name is 1 to 64 of A-Z a-z 0-9 . _ -')
      return address('memory', rest)
    case 'usb':
      return parseUsb(rest, refuse)
    case 'hid':
      return parseHid(rest, refuse)
    case 'ipp':
      return parseIpp(rest, {}, refuse)
    case 'ipps':
      return parseIpp(rest, { tls: 'insecure' }, refuse)
    case 'gpio':
      return parseGpio(rest, refuse)
    case 'page':
      if (!/^[a-z0-9-]{1,64}$/.test(rest)) return refuse('a page is named by 1 to 64 of a-z 0-9 -')
      return address('page', rest)
    case '':
      return refuse('it must begin with serial:, tcp://, usb:, hid:, ipp://, gpio:, page: or memory:')
    default:
      return refuse(`${scheme}: is not a kind of port`)
  }
}

/** The URL of an address; what `parsePortUrl` made comes back unchanged. */
export function formatPortUrl(port: Omit<PortAddress, 'url'>): string {
  const query = Object.entries(port.options)
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join('&')
  const host = port.target.includes(':') && port.kind === 'tcp' ? `[${port.target}]` : port.target
  const place = port.kind === 'tcp' ? `//${host}:${port.tcpPort}` : port.kind === 'ipp' ? `//${host}` : host
  return `${port.kind}:${place}${query === '' ? '' : `?${query}`}`
}

type Refuse = (reason: string) => never

function address(
  kind: PortAddress['kind'],
  target: string,
  more: { tcpPort?: number; options?: Record<string, string> } = {},
): PortAddress {
  const port = {
    kind,
    target,
    options: more.options ?? {},
    ...(more.tcpPort === undefined ? {} : { tcpPort: more.tcpPort }),
  }
  return { ...port, url: formatPortUrl(port) }
}

function parseTcp(rest: string, refuse: Refuse): PortAddress {
  const [, bracketed, plain, digits] =
    /^\/\/(?:\[([0-9a-fA-F:.]+)\]|([^[\]/?#@:\s]+))(?::(\d{1,5}))?\/?$/.exec(rest) ?? []
  const host = (bracketed ?? plain)?.toLowerCase()
  if (host === undefined) return refuse('it must be tcp://HOST:PORT')
  if (bracketed !== undefined ? !isIpv6(host) : !isHostName(host))
    return refuse(`${host} is not a host name or address`)
  const tcpPort = digits === undefined ? tcpPortDefault : Number(digits)
  if (tcpPort < 1 || tcpPort > 65_535) return refuse('a TCP port is 1 to 65535')
  return address('tcp', host, { tcpPort })
}

function parseSerial(rest: string, refuse: Refuse): PortAddress {
  const [path, query] = cutQuery(rest)
  if (!isDevicePath(path)) return refuse('a path below /dev must follow serial:')
  return address('serial', path, { options: parseOptions(query, optionChecks, refuse) })
}

function parseHid(rest: string, refuse: Refuse): PortAddress {
  const [path, query] = cutQuery(rest)
  if (!isDevicePath(path)) return refuse('a path below /dev must follow hid:')
  return address('hid', path, { options: parseOptions(query, hidOptionChecks, refuse) })
}

function cutQuery(rest: string): [place: string, query: string | undefined] {
  const cut = rest.indexOf('?')
  return cut < 0 ? [rest, undefined] : [rest.slice(0, cut), rest.slice(cut + 1)]
}

function parseOptions(
  query: string | undefined,
  checks: OptionChecks,
  refuse: Refuse,
): Record<string, string> {
  const options: Record<string, string> = {}
  for (const pair of query?.split('&') ?? []) {
    const [, name = '', value = ''] = /^([a-z]+)=(.*)$/s.exec(pair) ?? []
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined
    if (check === undefined)
      return refuse(`"${pair}" is not an option; there are ${Object.keys(checks).join(', ')}`)
    if (Object.hasOwn(options, name)) return refuse(`${name} is given twice`)
    const normal = name === 'format' ? value.toUpperCase() : value
    if (!check.ok(normal)) return refuse(`${name} must be ${check.want}`)
    options[name] = normal
  }
  return options
}

/** A serial number with a question mark in it cannot be written: such a device is named by its place. */
function parseUsb(rest: string, refuse: Refuse): PortAddress {
  const [ids, query] = cutQuery(rest)
  const [, vid, pid, serial] = /^([0-9a-fA-F]{4}):([0-9a-fA-F]{4})(?:\/([!->@-~]{1,126}))?$/.exec(ids) ?? []
  if (vid === undefined || pid === undefined)
    return refuse('it must be usb:VID:PID or usb:VID:PID/SERIAL, ids of four hex digits')
  const named = `${vid}:${pid}`.toLowerCase()
  const options = parseOptions(query, usbOptionChecks, refuse)
  return address('usb', serial === undefined ? named : `${named}/${serial}`, { options })
}

function parseIpp(rest: string, defaults: Record<string, string>, refuse: Refuse): PortAddress {
  const [place, query] = cutQuery(rest)
  const [, host, digits, path = '/'] =
    /^\/\/([^[\]/?#@:\s]+|\[[0-9a-fA-F:.]+\])(?::(\d{1,5}))?(\/[!-~]*)?$/.exec(place) ?? []
  if (host === undefined) return refuse('it must be ipp://HOST/PATH')
  const name = host.toLowerCase()
  const known = name.startsWith('[') ? isIpv6(name.slice(1, -1)) : isHostName(name)
  if (!known) return refuse(`${host} is not a host name or address`)
  if (digits !== undefined && (Number(digits) < 1 || Number(digits) > 65_535))
    return refuse('a TCP port is 1 to 65535')
  const options = { ...defaults, ...parseOptions(query, ippOptionChecks, refuse) }
  const port = digits === undefined || Number(digits) === ippPortDefault ? '' : `:${Number(digits)}`
  return address('ipp', `${name}${port}${path}`, { options })
}

function parseGpio(rest: string, refuse: Refuse): PortAddress {
  const [place, query] = cutQuery(rest)
  const [, chip, line] = /^([A-Za-z0-9][A-Za-z0-9._:@-]{0,31})\/(\d{1,4})$/.exec(place) ?? []
  if (chip === undefined || line === undefined || !isGpioLine(line))
    return refuse(`it must be gpio:CHIP/LINE, the line 0 to ${gpioLineMax}`)
  const options = parseOptions(query, gpioOptionChecks, refuse)
  if (options.sense === line) return refuse('the line that opens cannot be the one that senses')
  return address('gpio', `${chip}/${line}`, { options })
}

function isGpioLine(text: string): boolean {
  return /^(0|[1-9]\d{0,3})$/.test(text) && Number(text) <= gpioLineMax
}

/** A path that stays below /dev: no `..`, nothing that would need quoting in a URL. */
function isDevicePath(path: string): boolean {
  return /^\/dev\/[A-Za-z0-9._:@,+=#\\/-]+$/.test(path) && !path.split('/').includes('..')
}

function isHostName(host: string): boolean {
  return (
    host.length <= 253 &&
    /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?$/.test(host)
  )
}

/** Lets the URL class judge, which knows every way to write one. */
function isIpv6(text: string): boolean {
  return URL.canParse(`http://[${text}]/`)
}
