import { ListLoading } from '@/components/data-table/list-loading'

export default function PoliciesLoading() {
  return <ListLoading title="Policies" />
}
