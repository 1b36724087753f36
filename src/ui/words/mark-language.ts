/** Tells the browser which language a page speaks, so that it is read aloud right. */

/** Does nothing where there is no page: the words are also read by programs. */
export function markLanguage(of: string): void {
  const { document } = globalThis as { document?: { documentElement: { lang: string } } }
  if (document !== undefined) document.documentElement.lang = of
}
