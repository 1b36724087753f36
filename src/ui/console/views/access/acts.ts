/** The acts of the audit log in words. */
import { isWord, say } from '../../../words/say.ts'

/** A newer hub may know acts that this page has no words for: they are shown as they are. */
export function actWord(act: string): string {
  const key = `access.act.${act}`
  return isWord(key) ? say(key) : act
}
