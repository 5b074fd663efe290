import { ListLoading } from '@/components/data-table/list-loading'

export default function IdentitiesLoading() {
  return <ListLoading title="Identities" />
}
