/** A QR code as SVG, to be scanned from a screen. */

/** Pixels of a module; the picture is scaled by whoever shows it. */
const scale = 4
/** Four modules of white around it, as ISO/IEC 18004 wants. */
const quietModules = 4

/** Error correction M, the default of bwip-js. Throws what bwip-js throws for text that is too long. */
export async function qrSvg(text: string): Promise<string> {
  const { default: bwip } = await import('bwip-js/node')
  return bwip.toSVG({
    bcid: 'qrcode',
    text,
    scale,
    paddingwidth: quietModules,
    paddingheight: quietModules,
    backgroundcolor: 'ffffff',
  })
}
