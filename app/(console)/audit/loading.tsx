import { ListLoading } from '@/components/data-table/list-loading'

export default function AuditLoading() {
  return <ListLoading title="Audit" chart />
}
