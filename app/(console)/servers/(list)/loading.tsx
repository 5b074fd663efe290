import { ListLoading } from '@/components/data-table/list-loading'

export default function ServersLoading() {
  return <ListLoading title="Servers" />
}
