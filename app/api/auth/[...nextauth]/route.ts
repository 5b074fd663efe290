export { handleAuthRequest as GET, handleAuthRequest as POST } from '@/lib/auth/next-auth'
