import { ListLoading } from '@/components/data-table/list-loading'

export default function ProxiesLoading() {
  return <ListLoading title="Proxies" />
}
