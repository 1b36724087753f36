/** A Code 128 symbol as SVG, to be scanned from a screen. */

/** Modules of two pixels and bars of twenty millimetres are read from a screen at arm's length. */
const scale = 2
const heightMm = 20
const quietModules = 10

/** `text`: ASCII. Throws what bwip-js throws for text that Code 128 cannot hold. */
export async function code128Svg(text: string): Promise<string> {
  const { default: bwip } = await import('bwip-js/node')
  return bwip.toSVG({
    bcid: 'code128',
    text,
    scale,
    height: heightMm,
    paddingwidth: quietModules,
    paddingheight: quietModules / 2,
    backgroundcolor: 'ffffff',
  })
}
