/** Port URLs: what is taken, what is refused, and that what was written can be read. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MemoryPorts } from '../../../src/drivers/transports/memory.ts'
import { createOpenTransport } from '../../../src/drivers/transports/open.ts'
import { formatPortUrl, parsePortUrl, portUrlCharsMax } from '../../../src/drivers/transports/port-url.ts'
import { HubError } from '../../../src/protocol/errors.ts'
import { TestClock } from '../../support/clock.ts'

const known: [text: string, url: string, rest: object][] = [
  [
    'tcp://192.168.1.50:9100',
    'tcp://192.168.1.50:9100',
    { kind: 'tcp', target: '192.168.1.50', tcpPort: 9100 },
  ],
  ['TCP://Kitchen.local', 'tcp://kitchen.local:9100', { target: 'kitchen.local', tcpPort: 9100 }],
  ['tcp://[FE80::1]:4001/', 'tcp://[fe80::1]:4001', { target: 'fe80::1', tcpPort: 4001 }],
  ['serial:/dev/ttyUSB0', 'serial:/dev/ttyUSB0', { kind: 'serial', target: '/dev/ttyUSB0', options: {} }],
  [
    'serial:/dev/ttyUSB0?format=7e1&baud=9600&flow=rtscts',
    'serial:/dev/ttyUSB0?baud=9600&flow=rtscts&format=7E1',
    { options: { baud: '9600', format: '7E1', flow: 'rtscts' } },
  ],
  [
    'serial:/dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.0-port0',
    'serial:/dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.0-port0',
    {},
  ],
  ['memory:demo-printer', 'memory:demo-printer', { kind: 'memory', target: 'demo-printer' }],
  ['usb:04B8:0202', 'usb:04b8:0202', { kind: 'usb', target: '04b8:0202' }],
  ['usb:04b8:0202/X5AB012345', 'usb:04b8:0202/X5AB012345', { target: '04b8:0202/X5AB012345' }],
  ['hid:/dev/hidraw0', 'hid:/dev/hidraw0', { kind: 'hid', target: '/dev/hidraw0' }],
  [
    'ipp://Printer.local/ipp/print',
    'ipp://printer.local/ipp/print',
    { kind: 'ipp', target: 'printer.local/ipp/print' },
  ],
  ['ipp://[::1]:8631', 'ipp://[::1]:8631/', { target: '[::1]:8631/' }],
]

const refused: [text: string, reason: RegExp][] = [
  ['', /must begin/],
  ['/dev/ttyUSB0', /must begin/],
  ['com:3', /not a kind/],
  ['tcp:192.168.1.50', /tcp:\/\/HOST/],
  ['tcp://', /tcp:\/\/HOST/],
  ['tcp://host:0', /1 to 65535/],
  ['tcp://host:65536', /1 to 65535/],
  ['tcp://user@host', /tcp:\/\/HOST/],
  ['tcp://-host', /not a host/],
  ['tcp://[::g]', /tcp:\/\/HOST/],
  ['tcp://[1::2::3]', /not a host/],
  ['serial:/dev/ttyUSB0?speed=9600', /not an option/],
  ['serial:/dev/ttyUSB0?constructor=1', /not an option/],
  ['serial:/dev/ttyUSB0?baud=9600&baud=9600', /twice/],
  ['serial:/dev/ttyUSB0?', /not an option/],
  ['memory:', /1 to 64/],
  [`memory:${'a'.repeat(65)}`, /1 to 64/],
  ['usb:4b8:202', /four hex/],
  ['ipp://host:99999/x', /1 to 65535/],
]

function refusal(text: string): HubError {
  try {
    parsePortUrl(text)
  } catch (error) {
    if (error instanceof HubError) return error
  }
  throw new HubError('internal', { text })
}

describe('port URLs', () => {
  it.each(known)('[PORT1] %s', (text, url, rest) => {
    expect(parsePortUrl(text)).toMatchObject({ url, ...rest })
  })

  it.each(refused)('[PORT3] refuses "%s"', (text, reason) => {
    const error = refusal(text)
    expect(error.code).toBe('port_invalid')
    expect(error.context.reason).toMatch(reason)
  })

  it('[PORT2] the URL of an address gives the same address', () => {
    const name = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/)
    const path = fc.stringMatching(/^[A-Za-z0-9._:@,+=#-]{1,20}$/).filter((text) => text !== '..')
    const text = fc.oneof(
      fc
        .tuple(
          fc.oneof(
            fc.ipV4(),
            fc.ipV6().map((host) => `[${host}]`),
            name,
          ),
          fc.integer({ min: 1, max: 65_535 }),
        )
        .map(([host, port]) => `tcp://${host}:${port}`),
      fc
        .record(
          {
            baud: fc.integer({ min: 1, max: 4_000_000 }).map(String),
            format: fc.stringMatching(/^[5-8][NEO][12]$/),
            flow: fc.constantFrom('none', 'rtscts', 'xonxoff'),
          },
          { requiredKeys: [] },
        )
        .chain((options) =>
          path.map((tty) => {
            const query = Object.entries(options).map(([key, value]) => `${key}=${value}`)
            return `serial:/dev/${tty}${query.length > 0 ? `?${query.join('&')}` : ''}`
          }),
        ),
      path.map((tty) => `hid:/dev/${tty}`),
      name.map((text) => `memory:${text}`),
      fc
        .tuple(
          fc.stringMatching(/^[0-9a-fA-F]{4}$/),
          fc.stringMatching(/^[0-9a-fA-F]{4}$/),
          fc.stringMatching(/^[!-~]{0,20}$/),
        )
        .map(([vid, pid, serial]) => `usb:${vid}:${pid}${serial === '' ? '' : `/${serial}`}`),
      fc.tuple(name, fc.stringMatching(/^[!-~]{0,20}$/)).map(([host, tail]) => `ipp://${host}/${tail}`),
    )
    let runs = 0
    fc.assert(
      fc.property(text, (url) => {
        runs++
        const address = parsePortUrl(url)
        expect(parsePortUrl(address.url)).toEqual(address)
        expect(formatPortUrl(address)).toBe(address.url)
      }),
      { numRuns: 2_000 },
    )
    expect(runs).toBe(2_000)
  })

  it('[PORT3] whatever the text, it is an address or port_invalid', () => {
    const schemes = fc.constantFrom(
      'tcp://',
      'serial:/dev/',
      'serial:',
      'usb:',
      'hid:',
      'ipp://',
      'memory:',
      '',
    )
    let refusals = 0
    fc.assert(
      fc.property(schemes, fc.string({ unit: 'binary', maxLength: 60 }), (scheme, rest) => {
        try {
          const address = parsePortUrl(scheme + rest)
          expect(parsePortUrl(address.url)).toEqual(address)
        } catch (error) {
          if (!(error instanceof HubError)) throw error
          expect(error.code).toBe('port_invalid')
          refusals++
        }
      }),
      { numRuns: 2_000 },
    )
    expect(refusals).toBeGreaterThan(1_000)
  })

  it.each([
    'serial:/etc/passwd',
    'serial:/dev/../etc/passwd',
    'serial:/dev/',
    'hid:/dev/a/../../etc',
    'serial:ttyS0',
    'serial:/dev/a b',
  ])('[PORT4] refuses the path of %s', (text) => {
    expect(refusal(text).context.reason).toMatch(/below \/dev/)
  })

  it('[PORT5] checks the options at their edges', () => {
    const ok = (query: string) => parsePortUrl(`serial:/dev/ttyS0?${query}`).options
    expect(ok('baud=1')).toEqual({ baud: '1' })
    expect(ok('baud=4000000')).toEqual({ baud: '4000000' })
    expect(ok('format=5O2')).toEqual({ format: '5O2' })
    const bad = [
      'baud=0',
      'baud=4000001',
      'baud=96e2',
      'baud=',
      'format=9N1',
      'format=8N3',
      'format=8M1',
      'flow=dtr',
    ]
    const reasons = bad.map((query) => refusal(`serial:/dev/ttyS0?${query}`).context.reason)
    expect(reasons.filter((reason) => /must be/.test(String(reason)))).toHaveLength(8)
  })

  it('[PORT6] takes 400 characters and not one more', () => {
    const url = `serial:/dev/${'a'.repeat(portUrlCharsMax - 'serial:/dev/'.length)}`
    expect(parsePortUrl(url).url).toHaveLength(400)
    expect(refusal(`${url}a`).context.reason).toMatch(/longer than 400/)
  })

  it.each(['usb:04b8:0202', 'hid:/dev/hidraw0', 'ipp://printer.local/ipp/print'])(
    '[PORT7] %s cannot be opened, and says so',
    async (url) => {
      const open = createOpenTransport(new TestClock(), new MemoryPorts())
      await expect(open(parsePortUrl(url))).rejects.toMatchObject({
        code: 'port_unavailable',
        context: { port: url, reason: expect.stringContaining('this version cannot') },
      })
    },
  )
})
