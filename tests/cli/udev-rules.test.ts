/** The udev rules that the hub ships: their grammar (udev(7)), and what they may and may not touch. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const file = join(import.meta.dirname, '../../systemd/70-tillbridge.rules')
const text = readFileSync(file, 'utf8')

interface Token {
  key: string
  attribute: string | undefined
  operator: string
  value: string
}

const matchKeys = ['ACTION', 'SUBSYSTEM', 'SUBSYSTEMS', 'KERNEL', 'ATTR', 'ATTRS', 'ENV', 'TEST']
const assignKeys = ['GROUP', 'MODE', 'ENV', 'RUN', 'GOTO', 'LABEL']

/** One rule of udev: tokens of KEY{attribute}operator"value", separated by commas. Throws on anything else. */
function parse(line: string): Token[] {
  const tokens: Token[] = []
  let rest = line
  while (rest !== '') {
    const found = /^([A-Z]+)(?:\{([^}]+)\})?(==|!=|\+=|:=|=)"([^"]*)"(?:,\s*|$)/.exec(rest)
    if (found === null) throw new SyntaxError(`not a token: ${rest}`)
    const [all, key = '', attribute, operator = '', value = ''] = found
    tokens.push({ key, attribute, operator, value })
    rest = rest.slice(all.length)
  }
  return tokens
}

const rules = text
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map(parse)
const isMatch = ({ operator }: Token) => operator === '==' || operator === '!='

describe('udev rules', () => {
  it('each is written in the grammar of udev, with keys that exist', () => {
    expect(rules.length).toBeGreaterThan(8)
    for (const token of rules.flat())
      expect(isMatch(token) ? matchKeys : assignKeys, JSON.stringify(token)).toContain(token.key)
    expect(() => parse('SUBSYSTEM=="usb" GROUP="lp"')).toThrow()
    expect(() => parse("SUBSYSTEM=='usb'")).toThrow()
  })

  it('each but the label matches something before it assigns something', () => {
    for (const rule of rules) {
      if (rule[0]?.key === 'LABEL') continue
      const first = rule.findIndex((token) => !isMatch(token))
      expect(first).toBeGreaterThan(0)
      expect(rule.slice(first).some(isMatch)).toBe(false)
    }
  })

  it('each GOTO has its label', () => {
    const values = (wanted: string) =>
      rules.flat().flatMap(({ key, value }) => (key === wanted ? [value] : []))
    expect(values('GOTO')).toEqual(values('LABEL'))
  })

  it('gives rights to groups only, never to everybody', () => {
    const tokens = rules.flat()
    const of = (wanted: string) => tokens.filter(({ key }) => key === wanted).map(({ value }) => value)
    expect(new Set(of('GROUP'))).toEqual(new Set(['tillbridge', 'lp']))
    expect(of('MODE').every((mode) => /^066[04]$/.test(mode))).toBe(true)
    expect(
      of('RUN').every((run) => /^\/bin\/(chgrp tillbridge|chmod g\+w) \/sys%p\/inhibited$/.test(run)),
    ).toBe(true)
  })

  it('names makers by four lower-case hex digits, sorted, none twice', () => {
    const lists = rules.flat().filter(({ attribute }) => attribute === 'idVendor')
    expect(lists.length).toBeGreaterThan(4)
    for (const { value } of lists) {
      const ids = value.split('|')
      expect(ids.every((id) => /^[0-9a-f]{4}$/.test(id))).toBe(true)
      expect(ids).toEqual([...new Set(ids)].sort())
    }
  })

  it('keeps ModemManager off USB-serial converters, at the device and at its port', () => {
    const ignored = rules.filter((rule) => rule.some(({ attribute }) => attribute === 'ID_MM_DEVICE_IGNORE'))
    expect(ignored.map((rule) => rule[0]?.value)).toEqual(['usb', 'tty'])
    for (const rule of ignored) {
      const makers = rule.find(({ attribute }) => attribute === 'idVendor')?.value.split('|')
      for (const chip of ['0403', '067b', '10c4', '1a86']) expect(makers).toContain(chip)
    }
  })

  it('udevadm finds nothing to complain of, where it can verify (systemd 254 and later)', () => {
    const version = Number(
      /^\d+/.exec(spawnSync('udevadm', ['--version'], { encoding: 'utf8' }).stdout ?? '')?.[0],
    )
    if (!(version >= 254)) {
      expect(version >= 254).toBe(false)
      return
    }
    // Groups of the shop's box are not those of this one.
    const checked = spawnSync('udevadm', ['verify', '--resolve-names=never', '--no-style', file], {
      encoding: 'utf8',
    })
    expect(`${checked.stdout}${checked.stderr}`).toMatch(/Success: 1/)
  })
})
