import NextAuth, { type NextAuthOptions } from 'next-auth'
import { decode, encode } from 'next-auth/jwt'
import credentials from 'next-auth/providers/credentials'
import { readEnv } from '@/lib/env'
import { deriveKey } from '@/lib/secret'
import { browserOf } from './browser'
import { ABSOLUTE_DAYS, endSession, readSession } from './sessions'
import { signIn } from './sign-in'

/** The one place that knows next-auth: what the cookie is called, how it is sealed, what its routes do. */
const MAX_AGE_SECONDS = ABSOLUTE_DAYS * 24 * 60 * 60

interface CookieSettings {
  name: string
  options: { httpOnly: true; sameSite: 'lax'; path: '/'; secure: boolean; maxAge: number }
}

/** The session cookie's name and attributes. With https it is bound to this host by the `__Host-` prefix (RFC 6265bis). */
export function sessionCookie(): CookieSettings {
  const secure = readEnv().consoleUrl.startsWith('https://')
  return {
    name: secure ? '__Host-intercept.session' : 'intercept.session',
    options: { httpOnly: true, sameSite: 'lax', path: '/', secure, maxAge: MAX_AGE_SECONDS },
  }
}

/** Seals a session id into the cookie's value (JWE, A256GCM). It says nothing else of the member. */
export function sealSessionId(sessionId: string): Promise<string> {
  return encode({ token: { sid: sessionId }, secret: sessionSecret(), maxAge: MAX_AGE_SECONDS })
}

/** The session id in a cookie's value; null when it was not sealed by us or has expired. */
export async function openSessionCookie(value: string): Promise<string | null> {
  try {
    const token = await decode({ token: value, secret: sessionSecret() })
    return typeof token?.sid === 'string' ? token.sid : null
  } catch {
    // A forged or outdated cookie is nobody's session, not a fault.
    return null
  }
}

let secret: string | undefined
function sessionSecret(): string {
  secret ??= deriveKey(readEnv().secret, 'sessions').toString('base64url')
  return secret
}

function options(): NextAuthOptions {
  const { name, options: attributes } = sessionCookie()
  return {
    secret: sessionSecret(),
    session: { strategy: 'jwt', maxAge: MAX_AGE_SECONDS },
    useSecureCookies: attributes.secure,
    cookies: { sessionToken: { name, options: attributes } },
    pages: { signIn: '/sign-in', signOut: '/sign-in', error: '/sign-in' },
    providers: [
      credentials({
        credentials: { email: { type: 'email' }, password: { type: 'password' } },
        async authorize(input, request) {
          const answer = await signIn(input ?? {}, browserOf(new Headers(request.headers as Record<string, string>)))
          return answer.signedIn ? { id: answer.sessionId } : null
        },
      }),
    ],
    callbacks: {
      async jwt({ token, user }) {
        if (user) return { sid: user.id }
        // Thrown, so that next-auth clears the cookie of a session that is over.
        if (typeof token.sid !== 'string' || !(await readSession(token.sid))) throw new Error('the session is over')
        return { sid: token.sid }
      },
      session: ({ session }) => ({ expires: session.expires }),
    },
    events: {
      async signOut({ token }) {
        if (typeof token?.sid === 'string') await endSession(token.sid)
      },
    },
    // What next-auth would log is what clients sent; its failures are answers, and faults of ours are thrown.
    logger: { error: () => undefined, warn: () => undefined, debug: () => undefined },
  }
}

/** Answers `/api/auth/*`. `_log`, by which anyone could write to our log, does not exist here. */
export async function handleAuthRequest(
  request: Request,
  context: { params: Promise<{ nextauth: string[] }> },
): Promise<Response> {
  const { nextauth } = await context.params
  if (nextauth[0]?.startsWith('_')) return new Response(null, { status: 404 })
  // next-auth takes its own address from this variable alone; ours is CONSOLE_URL.
  process.env.NEXTAUTH_URL ??= readEnv().consoleUrl
  return NextAuth(options())(request, context)
}
