/** Which names say that what they hold is secret: the log, the audit log, settings as they are shown and bundles all go by these. */

/** Anywhere in a name. */
const words = /secret|password|passphrase|token|polynomial|api_?key|private_?key/i
/** At its end, so that a `monkey` is none. */
const endings = /(^|[a-z0-9_])(Key|Pin|KEY|PIN)$|(^|_)(key|pin)$/
/** Settings that only sound like a secret: which connections may carry tokens is none. */
const openNames: ReadonlySet<string> = new Set(['tokensOver'])

export const isSecretName = (name: string): boolean =>
  !openNames.has(name) && (words.test(name) || endings.test(name))

/** Whole names that are secret where somebody hands them over, and elsewhere say nothing: an error has a code as well. */
export const handedOverNames = ['code', 'current', 'next', 'pass', 'auth', 'login', 'badge'] as const
