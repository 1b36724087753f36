/** What the files in DATA/tls are called. Each has key and certificate in one, so that the two cannot come apart. */

export const rootFile = 'authority.pem'
export const leafFile = 'leaf.pem'
/** Key of the account with a public authority, and the certificate that came from it. */
export const acmeAccountFile = 'acme-account.pem'
export const acmeFile = 'acme.pem'
