/** @type {import('next').NextConfig} */
export default {
  // Pages carry a nonce per request (DESIGN §8), so nothing is prerendered and no header says what serves it.
  poweredByHeader: false,
  // `tsc` runs on its own in `npm test`; Next's checker asks for the compiler API that TypeScript 7 no longer has.
  typescript: { ignoreBuildErrors: true },
  transpilePackages: ['geist'],
  serverExternalPackages: ['pg', '@prisma/client', '@prisma/adapter-pg'],
  devIndicators: false,
  // Lets two development servers of one checkout keep apart.
  distDir: process.env.NEXT_DIST_DIR || '.next',
}
