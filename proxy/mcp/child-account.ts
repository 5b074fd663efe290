export { accountFor } from '@/lib/catalogue/child-account'
