import { Segmented } from '@/components/ui/segmented'
import { RANGE_PRESETS, type RangePreset, type RecordFilter } from '@/lib/audit/filter/model'
import { viewHref } from './filter-bar'

const words: Record<RangePreset, string> = {
  '1h': '1\u2009h',
  '24h': '24\u2009h',
  '7d': '7\u2009d',
  '30d': '30\u2009d',
}

/** The time of a page, each choice its own address. */
export function RangeLinks({
  path,
  filter,
  presets = RANGE_PRESETS,
}: {
  path: string
  filter: RecordFilter
  presets?: readonly RangePreset[]
}) {
  return (
    <Segmented
      label="Time"
      value={'preset' in filter.range ? filter.range.preset : ''}
      segments={presets.map(preset => ({
        key: preset,
        label: words[preset],
        href: viewHref(path, { ...filter, range: { preset } }),
      }))}
    />
  )
}
