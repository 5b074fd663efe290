import { GeistMono } from 'geist/font/mono'
import { GeistSans } from 'geist/font/sans'
import type { Metadata, Viewport } from 'next'
import { connection } from 'next/server'
import type { ReactNode } from 'react'
import { readTheme } from '@/components/shell/theme'
import { StyleNonce } from '@/components/ui/style-nonce'
import './globals.css'

export const metadata: Metadata = {
  title: { default: 'Intercept', template: '%s · Intercept' },
  description: 'Deterministic policy, per-identity grants and a full audit log for every MCP tool call.',
}

export const viewport: Viewport = { colorScheme: 'light dark', width: 'device-width', initialScale: 1 }

export default async function RootLayout({ children }: { children: ReactNode }) {
  // Each page carries a nonce of its own request, so none may be prerendered.
  await connection()
  const theme = await readTheme()
  return (
    <html
      lang="en"
      data-theme={theme === 'system' ? undefined : theme}
      className={`${GeistSans.variable} ${GeistMono.variable}`}
    >
      <body>
        <StyleNonce />
        {children}
      </body>
    </html>
  )
}
