/** JPEG to grey by jpeg-js, with its memory bounded. Loaded in the worker only: it is slow and large. */
import { decode } from 'jpeg-js'
import { errorText } from '../../protocol/errors.ts'
import { type Grey, greyOfRgb } from './grey.ts'
import { imageInvalid, imageLimits } from './image-limits.ts'

/** Throws HubError `image_invalid`. The caller has checked the size with `readImageHeader`. */
export function decodeJpeg(bytes: Uint8Array, path: string): Grey {
  try {
    const image = decode(bytes, {
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
      maxResolutionInMP: imageLimits.imagePixelsMax / 1_000_000,
      maxMemoryUsageInMB: imageLimits.jpegMemoryMbMax,
    })
    return greyOfRgb(image.data, image.width, image.height)
  } catch (error) {
    throw imageInvalid(path, errorText(error), error)
  }
}
