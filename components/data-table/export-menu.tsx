'use client'

import { Button } from '@/components/ui/button'
import { Icon } from '@/components/ui/icon'
import { Menu, MenuItem } from '@/components/ui/menu'
import { Popover } from '@/components/ui/popover'

/** The record of a view as a file; for whom it is not, why. */
export function ExportMenu({
  search,
  mayExport,
}: {
  /** The view's filter, as its address says it. */
  search: string
  mayExport: boolean
}) {
  const trigger = (
    <Button>
      Export
      <Icon name="down" small />
    </Button>
  )
  if (!mayExport) {
    return (
      <Popover label="Export" align="end" trigger={trigger}>
        <p className="text-ink-2">
          An export holds arguments. Your roles do not include reading them: an auditor or an owner can export.
        </p>
      </Popover>
    )
  }
  const hrefOf = (format: string) => `/api/record/export?${search}&format=${format}`
  return (
    <Menu trigger={trigger}>
      <MenuItem onSelect={() => location.assign(hrefOf('csv'))}>CSV, one row a record</MenuItem>
      <MenuItem onSelect={() => location.assign(hrefOf('ndjson'))}>NDJSON, to be verified</MenuItem>
    </Menu>
  )
}
