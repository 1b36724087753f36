/** What `doctor` says of ports, on a made-up box of files: /dev, /proc, /sys and /etc. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { checkPorts, type PortChecks } from '../../src/cli/doctor-ports.ts'
import type { Finding } from '../../src/cli/finding.ts'

class Box {
  readonly root = mkdtempSync(join(tmpdir(), 'tillbridge-doctor-'))

  constructor() {
    onTestFinished(() => rmSync(this.root, { recursive: true }))
  }

  file(path: string, text = ''): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true })
    writeFileSync(join(this.root, path), `${text}\n`)
  }

  process(pid: number, name: string, ...files: string[]): void {
    this.file(`proc/${pid}/comm`, name)
    mkdirSync(join(this.root, `proc/${pid}/fd`))
    files.forEach((file, fd) => {
      symlinkSync(join(this.root, file), join(this.root, `proc/${pid}/fd/${fd}`))
    })
  }

  /** A printer with all its nodes. */
  printer(): void {
    for (const [name, text] of Object.entries({
      busnum: '1',
      devnum: '4',
      serial: 'X5AB012345',
      product: 'TM-T88VI',
    }))
      this.file(`sys/bus/usb/devices/1-1.2/${name}`, text)
    this.file('sys/bus/usb/devices/1-1.2:1.0/bInterfaceClass', '07')
    this.file('dev/bus/usb/001/004')
    this.file('dev/usb/lp0')
  }

  rules(): void {
    this.file('etc/udev/rules.d/70-tillbridge.rules')
    this.file('etc/group', 'root:x:0:\ntillbridge:x:990:')
  }

  check(options: PortChecks = {}): Finding[] {
    return checkPorts({
      root: this.root,
      mayOpen: () => true,
      lpstat: () => '',
      user: 'anna',
      ...options,
    })
  }

  about(check: string, options: PortChecks = {}): Finding | undefined {
    return this.check(options).find((finding) => finding.check.startsWith(check))
  }
}

describe('doctor on ports', () => {
  it('finds free ports well, and says which they are', () => {
    const box = new Box()
    box.file('dev/ttyUSB0')
    box.file('dev/ttyprintk')
    box.file('dev/tty1')
    box.printer()
    box.process(7, 'bash', 'dev/tty1')
    const well = box.check().filter(({ port }) => port !== undefined)
    expect(well.map(({ check, port, result }) => [check, port, result])).toEqual([
      ['/dev/ttyUSB0', '/dev/ttyUSB0', 'ok'],
      ['/dev/usb/lp0', '/dev/usb/lp0', 'ok'],
      ['/dev/bus/usb/001/004 (TM-T88VI)', '/dev/bus/usb/001/004', 'ok'],
    ])
  })

  it('looks at the COM ports of a till, and not at those that are only names', () => {
    const box = new Box()
    box.file('dev/ttyS0')
    box.file('dev/ttyS4')
    box.file('sys/class/tty/ttyS4/type', '4')
    box.file('dev/ttyS5')
    box.file('sys/class/tty/ttyS5/type', '0')
    box.file('dev/ttymxc2')
    const ports = box.check().flatMap(({ port }) => port ?? [])
    expect(ports).toEqual(['/dev/ttyS0', '/dev/ttyS4', '/dev/ttymxc2'])
  })

  it.each([
    ['ModemManager', 'dev/ttyACM0', /udev.*or: sudo systemctl disable --now ModemManager/],
    ['brltty', 'dev/ttyUSB0', /apt remove brltty/],
    ['agetty', 'dev/ttyS0', /systemctl disable --now serial-getty@ttyS0/],
    ['usb', 'dev/bus/usb/001/004', /lpadmin -x QUEUE/],
    ['cupsd', 'dev/usb/lp0', /lpadmin -x QUEUE/],
    ['ipp-usb', 'dev/bus/usb/001/004', /disable --now ipp-usb/],
    ['node', 'dev/ttyUSB0', /kill 321/],
    ['minicom', 'dev/ttyUSB0', /sudo kill 321/],
  ])('names %s that holds /%s, and the cure', (name, file, cure) => {
    const box = new Box()
    box.printer()
    box.file(file)
    box.process(321, name, 'dev/null', file)
    const finding = box.about(`/${file}`)
    expect(finding).toMatchObject({
      result: 'bad',
      port: `/${file}`,
      message: `is held by ${name} (process 321)`,
    })
    expect(finding?.fix).toMatch(cure)
  })

  it('the hub of this folder may hold its ports', () => {
    const box = new Box()
    box.file('dev/ttyUSB0')
    box.process(321, 'node', 'dev/ttyUSB0')
    expect(box.about('/dev/ttyUSB0', { hubPid: 321 })?.result).toBe('ok')
    expect(box.about('/dev/ttyUSB0', { hubPid: 322 })?.result).toBe('bad')
  })

  it('says which group a user lacks for each kind of port', () => {
    const box = new Box()
    box.file('dev/ttyUSB0')
    box.printer()
    const fixes = box
      .check({ mayOpen: () => false })
      .filter(({ port }) => port !== undefined)
      .map(({ result, fix }) => [result, /usermod -aG (\w+) anna/.exec(fix ?? '')?.[1]])
    expect(fixes).toEqual([
      ['bad', 'dialout'],
      ['bad', 'lp'],
      ['bad', 'tillbridge'],
    ])
    expect(box.about('/dev/bus/usb', { mayOpen: () => false })?.fix).toContain('udevadm control --reload')
  })

  it('a user who cannot see other people’s processes is told so', () => {
    const box = new Box()
    box.file('dev/ttyUSB0')
    box.file('proc/44/comm', 'secret')
    // Reading a file as a folder fails as reading a folder of another user does.
    box.file('proc/44/fd')
    expect(box.about('holders')).toMatchObject({ result: 'note', fix: 'sudo tillbridge doctor' })
    rmSync(join(box.root, 'proc/44'), { recursive: true })
    expect(box.about('holders')).toBeUndefined()
  })

  it('tells whether the udev rules and their group are there', () => {
    const box = new Box()
    expect(box.about('udev rules')).toMatchObject({
      result: 'note',
      fix: expect.stringContaining('groupadd'),
    })
    box.file('usr/lib/udev/rules.d/70-tillbridge.rules')
    expect(box.about('udev rules')).toMatchObject({
      result: 'bad',
      fix: 'sudo groupadd --system tillbridge',
    })
    box.rules()
    expect(box.about('udev rules')?.result).toBe('ok')
  })

  it('tells which libraries are missing', () => {
    const box = new Box()
    expect(box.about('libusb-1.0-0')).toMatchObject({ result: 'note', fix: 'sudo apt install libusb-1.0-0' })
    box.file('usr/lib/aarch64-linux-gnu/libusb-1.0.so.0')
    box.file('lib/arm-linux-gnueabihf/libudev.so.1')
    expect(box.about('libusb-1.0-0')?.result).toBe('ok')
    expect(box.about('libudev1')?.result).toBe('ok')
  })

  it('ModemManager is in the way until the rules tell it to keep off', () => {
    const box = new Box()
    expect(box.about('ModemManager')).toMatchObject({ result: 'ok', message: 'is not in the way' })
    box.process(9, 'ModemManager')
    expect(box.about('ModemManager')?.result).toBe('bad')
    box.rules()
    expect(box.about('ModemManager')).toMatchObject({
      result: 'ok',
      message: expect.stringContaining('keep off'),
    })
  })

  it('warns of brltty, and of ipp-usb where there is a USB printer', () => {
    const box = new Box()
    expect(box.about('brltty')).toBeUndefined()
    box.process(9, 'brltty')
    box.process(10, 'ipp-usb')
    expect(box.about('brltty')?.result).toBe('bad')
    expect(box.about('ipp-usb')).toBeUndefined()
    box.printer()
    expect(box.about('ipp-usb')?.result).toBe('note')
  })

  it.each([
    ['by serial number', 'usb://EPSON/TM-T88VI?serial=X5AB012345', true],
    ['by model', 'usb://EPSON/TM-T88VI', true],
    ['of another printer', 'usb://EPSON/TM-T88VI?serial=OTHER', false],
    ['of another model', 'usb://Brother/QL-800', false],
    ['with a bad escape', 'usb://EPSON/%zz', false],
  ])('finds the CUPS queue on the same printer, %s', (_, uri, found) => {
    const box = new Box()
    box.printer()
    const lpstat = () => `device for Laser: ipp://printer.local/\ndevice for Kasse_1: ${uri}\n`
    const told = box.about('CUPS queue', { lpstat })
    expect(told === undefined).toBe(!found)
    if (found)
      expect(told).toMatchObject({
        check: 'CUPS queue Kasse_1',
        result: 'note',
        fix: 'sudo lpadmin -x Kasse_1',
      })
    const conf = `<Printer Laser>\nDeviceURI ipp://x/\n</Printer>\n<DefaultPrinter Kasse_1>\nInfo A\nDeviceURI ${uri}\n</DefaultPrinter>`
    box.file('etc/cups/printers.conf', conf)
    const read = box.about('CUPS queue', { lpstat: () => '' })
    expect(read?.check).toBe(found ? 'CUPS queue Kasse_1' : undefined)
  })

  it('a box without ports and without folders is no failure', () => {
    const findings = checkPorts({ root: join(new Box().root, 'nothing'), lpstat: () => '' })
    expect(findings.filter(({ result }) => result === 'bad')).toEqual([])
    expect(findings.map(({ message }) => message)).toContain('no serial port and no USB printer')
  })

  it('the box of this test can be looked at', () => {
    const findings = checkPorts()
    expect(findings.every(({ check, message }) => check !== '' && message !== '')).toBe(true)
  })
})
