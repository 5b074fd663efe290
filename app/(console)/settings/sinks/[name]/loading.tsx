export { DetailLoading as default } from '@/app/(console)/detail-loading'
