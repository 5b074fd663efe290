import { ListLoading } from '@/components/data-table/list-loading'

export default function SessionLoading() {
  return <ListLoading title="Session" />
}
