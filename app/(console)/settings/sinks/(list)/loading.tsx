import { ListLoading } from '@/components/data-table/list-loading'

export default function SinksLoading() {
  return <ListLoading title="Settings" />
}
