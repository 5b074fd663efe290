import { ListLoading } from '@/components/data-table/list-loading'

export default function SettingsLoading() {
  return <ListLoading title="Settings" />
}
