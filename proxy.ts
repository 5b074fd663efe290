// Next's request file, not our proxy: that is the folder proxy/. Its one job is the headers and nonce of each page.
import { randomBytes } from 'node:crypto'
import { type NextRequest, NextResponse } from 'next/server'
import { securityHeaders } from '@/lib/auth/security-headers'
import { readEnv } from '@/lib/env'

// Read once: the environment does not change while the console runs.
let secure: boolean | undefined

export function proxy(request: NextRequest): NextResponse {
  secure ??= readEnv().consoleUrl.startsWith('https://')
  const nonce = randomBytes(16).toString('base64')
  const headers = securityHeaders({ nonce, secure, development: process.env.NODE_ENV === 'development' })
  // Next finds the nonce in the request's policy and sets it on every script it writes; x-nonce is for what we write.
  const forwarded = new Headers(request.headers)
  forwarded.set('Content-Security-Policy', headers['Content-Security-Policy'] ?? '')
  forwarded.set('x-nonce', nonce)
  forwarded.set('x-intercept-path', request.nextUrl.pathname + request.nextUrl.search)
  const response = NextResponse.next({ request: { headers: forwarded } })
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value)
  return response
}

export const config = {
  // Build assets are the same for everybody and carry no markup.
  matcher: ['/((?!_next/static|_next/image).*)'],
}
