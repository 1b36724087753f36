/** What axe, which others wrote, finds on a page: names, roles, contrast, order of headings, and more. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { root } from '../support/hub-process.ts'

const source = readFileSync(join(root, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8')

/**
 * How many rules of axe were tried, and each finding as `rule: element`. An open dialog is looked at alone, as the rest is inert;
 * the frame around the page is looked at by its own tests.
 */
export async function axe(
  page: Page,
  frame: 'without frame' | 'with frame' = 'without frame',
): Promise<{ tried: number; findings: string[] }> {
  await page.evaluate(source)
  return page.evaluate(`axe.run(document.querySelector('dialog[open]') ?? ${frame === 'with frame' ? 'undefined' : "document.querySelector('main')"} ?? document).then(({ violations, passes }) => ({
    tried: passes.length + violations.length,
    findings: violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ': ' + target.join(' ') + ' ' + failureSummary)),
  }))`) as Promise<{ tried: number; findings: string[] }>
}
