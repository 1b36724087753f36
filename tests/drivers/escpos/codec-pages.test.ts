/** The code page tables against glibc's and Python's: who else knows what a byte spells. */
import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import {
  type CodePageName,
  codePageNames,
  codePageTable,
  shiftJisTable,
} from '../../../src/drivers/printers/common/layout/code-pages.ts'
import { glibcNames, iconvTable } from './codec-support.ts'

/** Bytes that we leave undefined on purpose, or that glibc fills with what no printer prints. */
const leftOut: Readonly<Partial<Record<CodePageName, readonly number[]>>> = {
  // Published tables contradict each other: glibc has Ν before Μ in cp851.
  cp851: [0xb7, 0xb8, 0xf7],
  cp1125: [0xfa, 0xfb],
  // Added in 2003, after most ROMs were made.
  'iso-8859-7': [0xa4, 0xa5, 0xaa],
}

/** Where the WHATWG standard has a character that glibc and Python lack: a Hebrew point, which is drawn anyway. */
const otherwise: Readonly<Record<string, string>> = { 'windows-1255 ca': '\u05ba' }

function mismatches(name: CodePageName, oracle: readonly string[]): { compared: number; wrong: string[] } {
  const table = codePageTable(name)
  const wrong: string[] = []
  let compared = 0
  for (const [index, char] of oracle.entries()) {
    const byte = 128 + index
    const ours = table[index] === 0 ? '' : String.fromCharCode(table[index]!)
    const theirs = /^[\u0080-\u009f\ue000-\uf8ff\ufffd]$/.test(char) ? '' : char
    if (leftOut[name]?.includes(byte)) {
      if (ours !== '') wrong.push(`${name} ${byte.toString(16)}: not left out`)
      continue
    }
    compared += 1
    const known = otherwise[`${name} ${byte.toString(16)}`]
    if (ours !== (known ?? theirs)) wrong.push(`${name} ${byte.toString(16)}: ${ours} is ${theirs}`)
  }
  return { compared, wrong }
}

it('[ESC3] every table has 128 entries', () => {
  for (const name of codePageNames) expect([name, codePageTable(name).length]).toEqual([name, 128])
  expect(codePageNames.length).toBe(35)
})

it('[ESC3] bytes 80h to FFh are what glibc says, page by page', () => {
  let compared = 0
  let pages = 0
  const wrong: string[] = []
  for (const [name, glibc] of Object.entries(glibcNames) as [CodePageName, string][]) {
    const result = mismatches(name, iconvTable(glibc))
    compared += result.compared
    wrong.push(...result.wrong)
    pages += 1
  }
  expect(wrong).toEqual([])
  expect({ pages, compared }).toEqual({ pages: 30, compared: 30 * 128 - 8 })
})

const python = spawnSync('python3', ['-c', 'print(1)']).status === 0

it.skipIf(!python)('[ESC3] bytes 80h to FFh are what Python says, where it knows the page', () => {
  const names = codePageNames.filter(
    (name) => !['cp851', 'cp853', 'cp1098', 'katakana', 'cp874'].includes(name),
  )
  const script = `
import json, sys
names = json.loads(sys.argv[1])
print(json.dumps({n: [bytes([b]).decode(n, 'replace') for b in range(128, 256)] for n in names}))`
  const answer = spawnSync('python3', ['-c', script, JSON.stringify(names)], { encoding: 'utf8' })
  const oracle = JSON.parse(answer.stdout) as Record<CodePageName, string[]>
  const wrong = names.flatMap((name) => mismatches(name, oracle[name]).wrong)
  expect(wrong).toEqual([])
  expect(names.length).toBe(30)
})

it('[ESC3] the katakana page is the single bytes A1h to DFh of Shift-JIS, as glibc has them, and nothing else', () => {
  const bytes = Uint8Array.from({ length: 63 }, (_, index) => 0xa1 + index)
  const theirs = spawnSync('iconv', ['-f', 'SHIFT_JIS', '-t', 'UTF-8'], { input: bytes }).stdout.toString(
    'utf8',
  )
  const table = codePageTable('katakana')
  expect(String.fromCharCode(...table.subarray(0xa1 - 128, 0xe0 - 128))).toBe(theirs)
  expect(theirs.length).toBe(63)
  expect(table.filter((code) => code !== 0).length).toBe(63)
})

it('[ESC3] cp858 has the euro at D5h, cp857 has nothing there', () => {
  expect(codePageTable('cp858')[0xd5 - 128]).toBe(0x20ac)
  expect(codePageTable('cp857')[0xd5 - 128]).toBe(0)
})

it('[ESC3] cp853 has the letters of Esperanto and Maltese, cp874 those of Thai', () => {
  const has = (name: CodePageName, text: string) =>
    [...text].filter((char) => !codePageTable(name).includes(char.charCodeAt(0)))
  expect(has('cp853', 'ĈĉĜĝĤĥĴĵŜŝŬŭĊċĠġĦħŻżßçñö')).toEqual([])
  expect(has('cp874', 'กขคฅฆงจฉชซญดตถทธนบปผฝพฟภมยรฤลวศษสหฬอฮะาเแโใไๆ฿๐๑๒๓๔๕๖๗๘๙')).toEqual([])
})

it('[ESC8] the two-byte table is JIS X 0208 as glibc encodes it', () => {
  const table = shiftJisTable()
  const characters: string[] = []
  const ours: number[] = []
  for (const [code, bytes] of table.entries()) {
    // glibc's SHIFT_JIS has these three at other code points: ∥ － ＼ and friends of Microsoft's table.
    if (bytes === 0 || [0xff5e, 0x2225, 0xff0d, 0xff3c, 0xffe0, 0xffe1, 0xffe2].includes(code)) continue
    characters.push(String.fromCharCode(code))
    ours.push(bytes)
  }
  const encoded = spawnSync('iconv', ['-f', 'UTF-8', '-t', 'SHIFT_JIS'], {
    input: characters.join(''),
  }).stdout
  const theirs = Array.from({ length: encoded.length / 2 }, (_, index) => encoded.readUInt16BE(index * 2))
  expect(theirs).toEqual(ours)
  expect(ours.length).toBe(6_875)
})
