/** What `doctor` does to the box it looks at: nothing. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { doctor } from '../../src/cli/doctor.ts'
import type { Finding } from '../../src/cli/finding.ts'

async function findingsOn(data: string): Promise<Finding[]> {
  let told: Finding[] = []
  const print = (json: unknown) => {
    told = (json as { findings: Finding[] }).findings
  }
  await doctor.run({ options: { data }, lists: {}, positionals: [], print })
  return told
}

describe('doctor', () => {
  it('looks at a folder that is not there without making it: asked by root, it would be root’s', async () => {
    const box = mkdtempSync(join(tmpdir(), 'tillbridge-doctor-'))
    onTestFinished(() => rmSync(box, { recursive: true }))
    const data = join(box, 'var/data')
    const findings = await findingsOn(data)
    expect(existsSync(join(box, 'var'))).toBe(false)
    const about = (check: string) => findings.find((finding) => finding.check === check)
    expect(about('data folder')).toMatchObject({ result: 'note', message: expect.stringContaining(data) })
    expect(about('store')).toMatchObject({ result: 'note' })
    expect(about('disk space')?.result).not.toBe('bad')
  })
})
