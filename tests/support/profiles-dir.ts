/** Where the profiles of the models are. */
import { fileURLToPath } from 'node:url'

export const profilesDir = fileURLToPath(new URL('../../config/profiles', import.meta.url))
