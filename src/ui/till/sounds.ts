/** Short tones that tell a cashier how a scan went without a look at the screen; each is another tune, not only another height. */
import type { Settings, Sounds, Tone } from './contract.ts'

/** Frequency in Hz and length in ms of each note. */
const tunes: Readonly<Record<Tone, readonly (readonly [number, number])[]>> = {
  ok: [[1_320, 60]],
  done: [
    [880, 70],
    [1_320, 110],
  ],
  attention: [
    [660, 110],
    [660, 110],
  ],
  unknown: [
    [330, 140],
    [220, 220],
  ],
}
const volume = 0.12

export class TillSounds implements Sounds {
  readonly #settings: Pick<Settings, 'sounds'>
  #audio: AudioContext | undefined

  constructor(settings: Pick<Settings, 'sounds'>) {
    this.#settings = settings
  }

  play(tone: Tone): void {
    if (!this.#settings.sounds.peek() || !('AudioContext' in globalThis)) return
    // Browsers are silent until somebody has touched the page.
    this.#audio ??= new AudioContext()
    const audio = this.#audio
    if (audio.state === 'suspended') void audio.resume().catch(() => undefined)
    let at = audio.currentTime
    for (const [frequency, ms] of tunes[tone]) {
      const oscillator = audio.createOscillator()
      const gain = audio.createGain()
      oscillator.type = tone === 'unknown' ? 'square' : 'sine'
      oscillator.frequency.value = frequency
      gain.gain.setValueAtTime(volume, at)
      gain.gain.exponentialRampToValueAtTime(0.001, at + ms / 1_000)
      oscillator.connect(gain).connect(audio.destination)
      oscillator.start(at)
      oscillator.stop(at + ms / 1_000)
      at += ms / 1_000 + 0.03
    }
  }
}
