/** The worker behind the pictures: what runs where, its crashes, its rest, and what an idle hub has in memory. */
import { spawnSync } from 'node:child_process'
import { PNG } from 'pngjs'
import { afterEach, describe, expect, it } from 'vitest'
import { Imaging, imagingLimits } from '../../../src/drivers/imaging/imaging.ts'
import type { TextLine } from '../../../src/drivers/imaging/text.ts'
import { TestClock } from '../../support/clock.ts'

const opened: Imaging[] = []
afterEach(async () => {
  for (const imaging of opened.splice(0)) await imaging.stop()
})

function start(worker?: URL): { imaging: Imaging; clock: TestClock } {
  const clock = new TestClock()
  const imaging = new Imaging({ clock, ...(worker === undefined ? {} : { worker }) })
  opened.push(imaging)
  return { imaging, clock }
}

const crashing = new URL('./crashing-worker.ts', import.meta.url)
const line = (path: string, text = 'Ž'): TextLine => ({
  runs: [{ text, column: 0 }],
  widthDots: 576,
  cellWidth: 12,
  cellHeight: 24,
  lineHeight: 30,
  size: 1,
  offset: 0,
  path,
})
const png = (width: number, height: number) => {
  const image = new PNG({ width, height })
  for (let at = 0; at < image.data.length; at++) image.data[at] = at % 4 === 3 ? 255 : (at * 31) % 256
  return PNG.sync.write(image)
}
const options = { widthDots: 576, path: 'p' }

describe('[IMG13] small at once, large in the worker', () => {
  it('131,072 pixels at once, one row more in the worker', async () => {
    const { imaging } = start()
    expect(imagingLimits.mainThreadPixelsMax).toBe(512 * 256)
    expect(imaging.dither(png(512, 256), options)).not.toBeInstanceOf(Promise)
    expect(imaging.working).toBe(false)
    const large = imaging.dither(png(512, 257), options)
    expect(large).toBeInstanceOf(Promise)
    expect(await large).toMatchObject({ width: 512, height: 257 })
    expect(imaging.working).toBe(true)
  })

  it('a few pixels that are drawn large count as they are on paper', async () => {
    const { imaging } = start()
    expect(imaging.dither(png(16, 64), { ...options, width: 176 })).not.toBeInstanceOf(Promise)
    const tall = imaging.dither(png(20, 500), { ...options, width: 576 })
    expect(tall).toBeInstanceOf(Promise)
    expect(await tall).toMatchObject({ width: 576, height: 14_400 })
  })

  it('the pictures of one job together: 524,288 pixels at once, the next in the worker', async () => {
    const { imaging } = start()
    const budget = { left: imagingLimits.jobPixelsMax }
    const file = png(512, 256)
    for (let i = 0; i < 4; i++) expect(imaging.dither(file, options, budget)).not.toBeInstanceOf(Promise)
    expect(budget.left).toBe(0)
    const next = imaging.dither(png(1, 1), options, budget)
    expect(next).toBeInstanceOf(Promise)
    expect(await next).toMatchObject({ width: 1, height: 1 })
  })

  it('both make the same dots', async () => {
    const small = start().imaging.dither(png(100, 50), { ...options, width: 40 })
    const { imaging } = start()
    // A JPEG always goes to the worker, so a PNG is made large by white below it.
    const tall = new PNG({ width: 100, height: 2_000 })
    tall.data.fill(255)
    PNG.bitblt(PNG.sync.read(png(100, 50)), tall, 0, 0, 100, 50, 0, 0)
    const large = await imaging.dither(PNG.sync.write(tall), { ...options, width: 40 })
    if (small instanceof Promise) throw new Error('not small')
    expect(large.data.subarray(0, small.data.length)).toEqual(small.data)
  })

  it('what is wrong with the header is thrown at once, without a worker', () => {
    const { imaging } = start()
    expect(() => imaging.dither(Buffer.from('GIF89a'), options)).toThrow(
      expect.objectContaining({ code: 'image_invalid' }),
    )
    expect(imaging.working).toBe(false)
  })

  it('errors in the worker come back as what they are', async () => {
    const { imaging } = start()
    const cut = png(600, 400).subarray(0, -100)
    await expect(imaging.dither(cut, options)).rejects.toMatchObject({
      code: 'image_invalid',
      context: { path: 'p' },
    })
    await expect(imaging.drawText([line('q', '한')])).rejects.toMatchObject({
      code: 'text_unprintable',
      context: { path: 'q' },
    })
    // And the worker goes on.
    expect((await imaging.drawText([line('q')])).length).toBe(1)
  })

  it('the picture handed in is still the caller’s', async () => {
    const { imaging } = start()
    const file = png(600, 400)
    await imaging.dither(file, options)
    expect(file.length).toBeGreaterThan(1_000)
    expect(file[1]).toBe(0x50)
  })
})

describe('[IMG14] a worker that dies', () => {
  it.each(['throw', 'exit'])(
    'by %s fails what is under way, and the next request gets a new one',
    async (how) => {
      const { imaging } = start(crashing)
      const under = [imaging.drawText([line('hang')]), imaging.drawText([line(how)])]
      const results = await Promise.allSettled(under)
      for (const result of results)
        expect(result).toMatchObject({ status: 'rejected', reason: { code: 'internal' } })
      expect(imaging.working).toBe(false)
      expect(await imaging.drawText([line('fine')])).toEqual([])
    },
  )

  it('by taking too much memory takes nobody with it', async () => {
    const { imaging } = start(crashing)
    await expect(imaging.drawText([line('memory')])).rejects.toMatchObject({ code: 'internal' })
    expect(await imaging.drawText([line('fine')])).toEqual([])
  })

  it('or hangs is ended after its time', async () => {
    const { imaging, clock } = start(crashing)
    const hanging = imaging.drawText([line('hang')])
    await clock.advance(imagingLimits.taskMsMax - 1)
    expect(imaging.working).toBe(true)
    const failed = expect(hanging).rejects.toMatchObject({ code: 'internal' })
    await clock.advance(1)
    await failed
    expect(clock.pending).toBe(0)
    expect(await imaging.drawText([line('fine')])).toEqual([])
  })
})

describe('[IMG15] rest', () => {
  it('the worker is let go when it had nothing to do for a while, and comes back', async () => {
    const { imaging, clock } = start()
    await imaging.drawText([line('p')])
    await clock.advance(imagingLimits.idleMsMax - 1)
    expect(imaging.working).toBe(true)
    await clock.advance(1)
    expect([imaging.working, clock.pending]).toEqual([false, 0])
    expect((await imaging.drawText([line('p')])).length).toBe(1)
  })

  it('work puts the rest off', async () => {
    const { imaging, clock } = start()
    await imaging.drawText([line('p')])
    await clock.advance(imagingLimits.idleMsMax - 1)
    await imaging.drawText([line('p')])
    await clock.advance(imagingLimits.idleMsMax - 1)
    expect(imaging.working).toBe(true)
  })

  it('stop ends what is under way, twice is as good as once', async () => {
    const { imaging, clock } = start(crashing)
    const hanging = expect(imaging.drawText([line('hang')])).rejects.toMatchObject({ code: 'stopping' })
    await imaging.stop()
    await imaging.stop()
    await hanging
    expect([imaging.working, clock.pending]).toEqual([false, 0])
  })
})

it('[IMG16] 100 tasks wait, the next is told to come again', async () => {
  const { imaging } = start(crashing)
  const waiting = Array.from({ length: imagingLimits.tasksMax }, () =>
    imaging.drawText([line('hang')]).catch(() => 'stopped'),
  )
  await expect(imaging.drawText([line('hang')])).rejects.toMatchObject({ code: 'rate_limited' })
  await imaging.stop()
  expect(new Set(await Promise.all(waiting))).toEqual(new Set(['stopped']))
})

it('[IMG19] an idle hub has neither fonts, renderer, barcodes nor a JPEG decoder in memory', () => {
  const script = `
    import { registerHooks } from 'node:module'
    const seen = []
    registerHooks({ resolve(specifier, context, next) { seen.push(specifier); return next(specifier, context) } })
    const { Imaging } = await import(${JSON.stringify(new URL('../../../src/drivers/imaging/imaging.ts', import.meta.url).href)})
    new Imaging({ clock: {} })
    console.log(JSON.stringify(seen))`
  const answer = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  const seen = JSON.parse(answer.stdout) as string[]
  expect(seen.length).toBeGreaterThan(5)
  expect(seen.filter((name) => /resvg|bwip|jpeg|pngjs|text\.ts|fonts|imaging-worker/.test(name))).toEqual([])
})
