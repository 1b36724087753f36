/** Looks over a page in the browser: names, touch targets, contrast, landmarks, sideways scrolling. */
import type { Page } from 'playwright-core'

export interface Audit {
  controls: number
  texts: number
  problems: string[]
}

/** Lowest height of what a finger presses, in px. */
const touchPx = 44

/** Runs in the page, where these tests have no types; hence a text. */
const script = `(() => {
  const problems = []
  const visible = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
    element.getBoundingClientRect().width > 1
  const short = (element) => element.tagName.toLowerCase() + ' "' + nameOf(element).slice(0, 40) + '"'
  const nameOf = (element) => (element.getAttribute('aria-label') ??
    (element.labels?.length ? [...element.labels].map((label) => label.textContent).join(' ') : element.textContent) ?? '').trim()

  const controls = [...document.querySelectorAll('button, a[href], input, select, summary')].filter(visible)
  for (const control of controls) {
    if (nameOf(control) === '') problems.push('no name: ' + control.outerHTML.slice(0, 80))
    const inText = control.tagName === 'A' && control.closest('p') !== null
    const height = Math.round(control.getBoundingClientRect().height)
    if (!inText && height < ${touchPx}) problems.push('only ' + height + ' px high: ' + short(control))
  }

  const parse = (text) => {
    const numbers = text.match(/[\\d.]+/g).map(Number)
    return { rgb: numbers.slice(0, 3), alpha: numbers[3] ?? 1 }
  }
  const over = (top, bottom) => top.rgb.map((value, index) => value * top.alpha + bottom[index] * (1 - top.alpha))
  const ground = (element) => {
    const layers = []
    for (let at = element; at !== null; at = at.parentElement) {
      const layer = parse(getComputedStyle(at).backgroundColor)
      layers.push(layer)
      if (layer.alpha === 1) break
    }
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255])
  }
  const light = (rgb) => {
    const [r, g, b] = rgb.map((value) => value / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const texts = [...document.querySelectorAll('body *')].filter((element) =>
    !element.closest(':disabled, svg, noscript, script') && visible(element) &&
    [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== ''))
  for (const element of texts) {
    const style = getComputedStyle(element)
    const back = ground(element)
    const [bright, dark] = [light(over(parse(style.color), back)), light(back)].sort((a, b) => b - a)
    const ratio = (bright + 0.05) / (dark + 0.05)
    const size = parseFloat(style.fontSize)
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700)
    if (ratio < (large ? 3 : 4.5)) problems.push('contrast ' + ratio.toFixed(2) + ': ' + short(element))
  }

  for (const image of document.querySelectorAll('img')) if (!image.alt) problems.push('image without alt')
  for (const svg of document.querySelectorAll('svg'))
    if (svg.getAttribute('aria-hidden') !== 'true') problems.push('icon that is read aloud')
  const ids = [...document.querySelectorAll('[id]')].map((element) => element.id)
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) problems.push('id twice: ' + id)
  if (document.querySelectorAll('h1').length !== 1) problems.push('not one h1')
  if (document.querySelectorAll('main').length !== 1) problems.push('not one main')
  const wider = document.documentElement.scrollWidth - innerWidth
  if (wider > 0) problems.push('scrolls sideways by ' + wider)
  return { controls: controls.length, texts: texts.length, problems }
})()`

export function audit(page: Page): Promise<Audit> {
  return page.evaluate(script) as Promise<Audit>
}
