/** Port URLs: what is taken, what is refused, and that what was written can be read. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatPortUrl, parsePortUrl, portUrlCharsMax } from '../../../src/drivers/transports/port-url.ts'
import { HubError } from '../../../src/protocol/errors.ts'

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
  ['gpio:pinctrl-rp1/17', 'gpio:pinctrl-rp1/17', { kind: 'gpio', target: 'pinctrl-rp1/17', options: {} }],
  [
    'GPIO:gpiochip0/0?sense=22&bias=pull-up&active=low',
    'gpio:gpiochip0/0?active=low&bias=pull-up&sense=22',
    { target: 'gpiochip0/0', options: { sense: '22', active: 'low', bias: 'pull-up' } },
  ],
  ['gpio:gpio-brcmstb@7d508500/1023', 'gpio:gpio-brcmstb@7d508500/1023', {}],
  ['memory:demo-printer', 'memory:demo-printer', { kind: 'memory', target: 'demo-printer' }],
  ['usb:04B8:0202', 'usb:04b8:0202', { kind: 'usb', target: '04b8:0202' }],
  [
    'usb:0416:5011?interface=1&at=1-1.2',
    'usb:0416:5011?at=1-1.2&interface=1',
    { target: '0416:5011', options: { at: '1-1.2', interface: '1' } },
  ],
  ['usb:04b8:0202/X5AB012345?at=1-1', 'usb:04b8:0202/X5AB012345?at=1-1', { target: '04b8:0202/X5AB012345' }],
  ['usb:04b8:0202/X5AB012345', 'usb:04b8:0202/X5AB012345', { target: '04b8:0202/X5AB012345' }],
  ['hid:/dev/hidraw0', 'hid:/dev/hidraw0', { kind: 'hid', target: '/dev/hidraw0' }],
  [
    'hid:/dev/hidraw0?exclusive=yes',
    'hid:/dev/hidraw0?exclusive=yes',
    { target: '/dev/hidraw0', options: { exclusive: 'yes' } },
  ],
  [
    'ipp://Printer.local/ipp/print',
    'ipp://printer.local/ipp/print',
    { kind: 'ipp', target: 'printer.local/ipp/print' },
  ],
  ['ipp://[::1]:8631', 'ipp://[::1]:8631/', { target: '[::1]:8631/' }],
  ['ipp://192.168.1.9:631/ipp/print', 'ipp://192.168.1.9/ipp/print', { target: '192.168.1.9/ipp/print' }],
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
  ['usb:04b8:0202/?', /four hex/],
  ['usb:04b8:0202?baud=9600', /not an option; there are at, interface/],
  ['usb:04b8:0202?at=1.2', /at must be the place/],
  ['usb:04b8:0202?interface=255', /interface must be 0 to 254/],
  ['usb:04b8:0202?at=1-1&at=1-1', /twice/],
  ['hid:/dev/hidraw0?exclusive=maybe', /exclusive must be yes or no/],
  ['hid:/dev/hidraw0?baud=9600', /not an option; there are exclusive/],
  ['gpio:17', /gpio:CHIP\/LINE/],
  ['gpio:gpiochip0/1024', /0 to 1023/],
  ['gpio:gpiochip0/017', /gpio:CHIP\/LINE/],
  ['gpio:../gpiochip0/1', /gpio:CHIP\/LINE/],
  ['gpio:gpiochip0/1?sense=1', /cannot be the one that senses/],
  ['gpio:gpiochip0/1?sense=1024', /0 to 1023/],
  ['gpio:gpiochip0/1?bias=up', /pull-up/],
  ['gpio:gpiochip0/1?active=1', /high or low/],
  ['gpio:gpiochip0/1?baud=9600', /not an option/],
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
          fc.stringMatching(/^[!->@-~]{0,20}$/),
          fc.constantFrom('', '?at=1-1.2', '?interface=3&at=2-1'),
        )
        .map(([vid, pid, serial, query]) => `usb:${vid}:${pid}${serial === '' ? '' : `/${serial}`}${query}`),
      fc
        .tuple(
          fc.constantFrom('ipp', 'ipps', 'IPP'),
          fc.oneof(
            fc.ipV6().map((host) => `[${host}]`),
            name,
          ),
          fc.constantFrom('', ':631', ':8631', ':0443'),
          fc.stringMatching(/^[!->@-~]{0,20}$/),
          fc.constantFrom('', '?tls=verify', '?tls=insecure'),
        )
        .map(([scheme, host, port, tail, query]) => `${scheme}://${host}${port}/${tail}${query}`),
      fc
        .tuple(
          name,
          fc.integer({ min: 0, max: 500 }),
          fc.constantFrom('', '?sense=501', '?bias=pull-up&active=low'),
        )
        .map(([chip, line, query]) => `gpio:${chip}/${line}${query}`),
      name.map((text) => `page:${text}`),
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

  it('[PORT6] the limit is that of the normalised URL too, so that what was kept can be read again', () => {
    const ipps = (length: number) => `ipps://h/${'p'.repeat(length - 'ipps://h/'.length)}`
    const longest = 400 - 'ipp?tls=insecure'.length + 'ipps'.length
    expect(parsePortUrl(parsePortUrl(ipps(longest)).url).url).toHaveLength(400)
    expect(refusal(ipps(longest + 1)).context.reason).toMatch(/longer than 400/)
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

  it('[PORT8] a USB device is told apart by place and interface', () => {
    const { target, options, url } = parsePortUrl('usb:0416:5011?interface=254&at=12-1.2.3.4.5.6')
    expect([target, options]).toEqual(['0416:5011', { at: '12-1.2.3.4.5.6', interface: '254' }])
    expect(url).toBe('usb:0416:5011?at=12-1.2.3.4.5.6&interface=254')
    expect(parsePortUrl('usb:0416:5011?interface=0').options).toEqual({ interface: '0' })
  })

  it('[PORT9] a gpio URL names two different lines of a chip', () => {
    expect(parsePortUrl('gpio:pinctrl-rp1/17?sense=22').options).toEqual({ sense: '22' })
    expect(refusal('gpio:pinctrl-rp1/17?sense=17').context.reason).toMatch(/cannot be the one that senses/)
    expect(refusal('gpio:pinctrl-rp1/1024').code).toBe('port_invalid')
    expect(refusal(`gpio:${'a'.repeat(33)}/1`).code).toBe('port_invalid')
    expect(parsePortUrl(`gpio:${'a'.repeat(32)}/1`).target).toHaveLength(34)
  })

  it('[PORT6] takes 400 characters and not one more', () => {
    const url = `serial:/dev/${'a'.repeat(portUrlCharsMax - 'serial:/dev/'.length)}`
    expect(parsePortUrl(url).url).toHaveLength(400)
    expect(refusal(`${url}a`).context.reason).toMatch(/longer than 400/)
  })

  it('[PORT7] ipps: is ipp: with encryption, by default with any certificate', () => {
    expect(parsePortUrl('ipps://Printer.local:443/ipp/print').url).toBe(
      'ipp://printer.local:443/ipp/print?tls=insecure',
    )
    expect(parsePortUrl('ipps://printer.local/?tls=verify').options).toEqual({ tls: 'verify' })
    expect(parsePortUrl('ipp://printer.local/ipp/print').options).toEqual({})
    expect(refusal('ipp://printer.local/?tls=none').context.reason).toMatch(/verify or insecure/)
    expect(refusal('ipp://printer.local/?cups').context.reason).toMatch(/is not an option/)
  })
})
