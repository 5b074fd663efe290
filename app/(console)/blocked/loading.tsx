import { ListLoading } from '@/components/data-table/list-loading'

export default function BlockedLoading() {
  return <ListLoading title="Blocked" />
}
