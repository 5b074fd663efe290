import 'server-only'
import { cookies, headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { cache } from 'react'
import { browserOf } from './browser'
import type { Actor } from './model'
import { openSessionCookie, sealSessionId, sessionCookie } from './next-auth'
import { endSession, noteUse, readSession, type SignedInMember } from './sessions'

/** The member who is signed in, or null. Read from Postgres once per request. */
export const signedInMember = cache(async (): Promise<SignedInMember | null> => {
  const value = (await cookies()).get(sessionCookie().name)?.value
  const sessionId = value ? await openSessionCookie(value) : null
  return sessionId ? readSession(sessionId) : null
})

/** The member who is signed in; sends everybody else to sign in and back here afterwards. Counts as use of the session. */
export const currentMember = cache(async (): Promise<SignedInMember> => {
  const member = await signedInMember()
  if (!member) {
    // Set by the request file: pages do not know their own address.
    const here = (await headers()).get('x-intercept-path')
    redirect(here && here !== '/' ? `/sign-in?to=${encodeURIComponent(here)}` : '/sign-in')
  }
  await noteUse(member)
  return member
})

/** Who acts in this request, for queries and commands; sends people who are not signed in to sign in. */
export async function currentActor(): Promise<Actor> {
  return actorOf(await currentMember(), await headers())
}

/**
 * As `currentActor`, but null when nobody is signed in, and no use of the session: for what a page asks by itself (its
 * strip, a live tail) and for route handlers that answer 401.
 */
export async function signedInActor(): Promise<Actor | null> {
  const member = await signedInMember()
  return member && actorOf(member, await headers())
}

/** Gives this browser a session's cookie. For actions and route handlers: pages cannot set cookies. */
export async function rememberSession(sessionId: string): Promise<void> {
  const { name, options } = sessionCookie()
  ;(await cookies()).set(name, await sealSessionId(sessionId), options)
}

/** Ends this browser's session, in the database first, and takes its cookie away. */
export async function signOut(): Promise<void> {
  const jar = await cookies()
  const { name, options } = sessionCookie()
  const value = jar.get(name)?.value
  const sessionId = value ? await openSessionCookie(value) : null
  if (sessionId) await endSession(sessionId)
  jar.set(name, '', { ...options, maxAge: 0 })
}

function actorOf(member: SignedInMember, from: Pick<Headers, 'get'>): Actor {
  return { kind: 'member', id: member.id, name: member.name, roles: member.roles, source: browserOf(from).source }
}
