/** The page of a POS on an origin of its own, over https, with the client of the hub bundled into it. */
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import type * as ClientModule from '../../src/protocol/client.ts'
import type { HubEvent } from '../../src/protocol/event.ts'
import { bundleClient } from './client-bundle.ts'
import type { Certificate } from './openssl.ts'

/** What the page has as globals. */
export interface PosGlobals {
  hub: typeof ClientModule
  client: ClientModule.HubClient
  scans: HubEvent<'scan'>[]
}

export class PosServer {
  readonly #server: Server
  readonly #host: string

  private constructor(server: Server, host: string) {
    this.#server = server
    this.#host = host
  }

  static async start(certificate: Certificate, host: string): Promise<PosServer> {
    const { code } = await bundleClient()
    const server = createServer(certificate, (request, response) => {
      if (request.url === '/client.js') response.setHeader('content-type', 'text/javascript').end(code)
      else
        response.setHeader('content-type', 'text/html').end(
          `<!doctype html><title>POS</title><link rel="icon" href="data:,">
<script type="module">Object.assign(globalThis, { globals: () => globalThis, hub: await import('/client.js') })</script>`,
        )
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new PosServer(server, host)
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get origin(): string {
    return `https://${this.#host}:${this.port}`
  }

  async open(page: Page): Promise<void> {
    await page.goto(`${this.origin}/`)
    await page.waitForFunction(() => 'hub' in globalThis)
  }

  stop(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}
