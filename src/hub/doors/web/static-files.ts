/** The built pages, with their cache headers; a page that waits while they are being built. */
import { STATUS_CODES } from 'node:http'
import { sep } from 'node:path'
import express, { type ErrorRequestHandler, type Router } from 'express'
import { sendNoPage } from './http-parts.ts'

/** Vite puts what has a hash in its name here. */
const hashedFolder = `${sep}assets${sep}`
const retrySeconds = 2

const buildingPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="${retrySeconds}">
<title>Tillbridge</title>
<style>body{font:1.125rem/1.5 system-ui,sans-serif;max-width:32rem;margin:20vh auto;padding:0 1rem}</style>
<h1>Tillbridge</h1>
<p>The console is being built. This page shows it as soon as it is there.</p>
<p>Tills and devices do not wait for it: the hub is at work.</p>
</html>
`

/** An error about a file (a range or a condition it cannot meet) comes after the headers of the file were set. */
const fileError: ErrorRequestHandler = (error, _request, response, next) => {
  if (response.headersSent) return next(error)
  for (const name of ['Access-Control-Allow-Origin', 'Accept-Ranges', 'ETag', 'Last-Modified'])
    response.removeHeader(name)
  response.setHeader('Cache-Control', 'no-store')
  const { status } = error as { status?: unknown }
  if (typeof status !== 'number' || status >= 500) return next(error)
  response.status(status).type('text').end(`${STATUS_CODES[status]}.\n`)
}

const pictureOptions = { index: false, redirect: false, dotfiles: 'ignore', maxAge: 60_000 } as const

/** A router for `/` over the folder of the built pages, which may come to be later. `pictures`: address to folder. */
export function staticFiles(uiDir: string, pictures: Readonly<Record<string, string>> = {}): Router {
  const router = express.Router()
  // What a shop shows to its customers, and what it sells, is no secret. A picture in SVG runs nothing: scripts are forbidden above.
  for (const [address, folder] of Object.entries(pictures)) {
    router.use(address, express.static(folder, pictureOptions))
    router.use(address, (_request, response) => sendNoPage(response))
  }
  router.use(
    express.static(uiDir, {
      cacheControl: false,
      setHeaders: (response, path) => {
        const forEver = path.includes(hashedFolder)
        response.setHeader('Cache-Control', forEver ? 'public, max-age=31536000, immutable' : 'no-cache')
        // Pages of other origins import the client (/client.js); code without data is no secret.
        if (path.endsWith('.js')) {
          response.setHeader('Access-Control-Allow-Origin', '*')
          response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin')
        }
      },
    }),
  )
  router.get('/', (_request, response) => {
    response.status(503).setHeader('Retry-After', retrySeconds)
    response.setHeader('Cache-Control', 'no-store')
    response.type('html').end(buildingPage)
  })
  router.use((_request, response) => sendNoPage(response))
  router.use(fileError)
  return router
}
