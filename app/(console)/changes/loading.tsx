import { ListLoading } from '@/components/data-table/list-loading'

export default function ChangesLoading() {
  return <ListLoading title="Changes" />
}
