import { LinkButton } from '@/components/ui/button'
import { Chip } from '@/components/ui/chip'
import {
  type FilterCondition,
  isSearchField,
  type RecordFilter,
  rangeWords,
  withoutCondition,
  writeFilter,
} from '@/lib/audit/filter/model'
import { AddFilter, type FilterChoice } from './add-filter'
import { OperatorMenu } from './operator-menu'
import { TypedFilter } from './typed-filter'

/** The address of a view of the record on `path`. */
export function viewHref(path: string, filter: RecordFilter): string {
  return `${path}?${writeFilter(filter)}`
}

/** What a view is narrowed by: chips of field, operator and value, and the way to add one. All of it is the address. */
export function FilterBar({
  path,
  filter,
  choices,
  fallback,
  typed,
}: {
  path: string
  filter: RecordFilter
  /** Fields that can be added, with the values to offer. */
  choices: readonly FilterChoice[]
  /** The range that the page has when the address says none. */
  fallback: RecordFilter['range']
  /** What may be typed, as an example; without one nothing may. */
  typed?: string
}) {
  const href = (next: RecordFilter) => viewHref(path, next)
  return (
    <div className="flex items-center gap-1.5 overflow-x-auto px-4 pb-3 [scrollbar-width:none] md:flex-wrap md:px-6">
      {'preset' in filter.range ? null : (
        <Chip
          field="time"
          operator="is"
          value={rangeWords(filter.range)}
          removeHref={href({ ...filter, range: fallback })}
        />
      )}
      {filter.conditions.map(condition => (
        <Chip
          key={`${condition.field}.${condition.operator}`}
          field={condition.field}
          operator={
            isSearchField(condition.field) ? (
              operatorWords(condition)
            ) : (
              <OperatorMenu
                words={operatorWords(condition)}
                choices={operatorChoices(filter, condition).map(({ words, next }) => ({ words, href: href(next) }))}
              />
            )
          }
          value={valueWords(condition)}
          removeHref={href(withoutCondition(filter, condition))}
        />
      ))}
      {typed ? <TypedFilter path={path} search={writeFilter(filter).toString()} placeholder={typed} /> : null}
      <AddFilter path={path} search={writeFilter(filter).toString()} choices={choices} />
      {filter.conditions.length > 0 || !('preset' in filter.range) ? (
        <LinkButton href={path} scroll={false} kind="quiet" size="small" className="md:ml-auto">
          Clear
        </LinkButton>
      ) : null}
    </div>
  )
}

function operatorWords({ field, operator, values }: FilterCondition): string {
  if (field === 'text') return values.length > 1 ? 'has any of' : 'has'
  if (operator === 'not') return values.length > 1 ? 'none of' : 'is not'
  return values.length > 1 ? 'any of' : 'is'
}

function operatorChoices(filter: RecordFilter, condition: FilterCondition) {
  return (['is', 'not'] as const).map(operator => ({
    words: operatorWords({ ...condition, operator }),
    next: {
      ...filter,
      conditions: filter.conditions.map(each => (each === condition ? { ...condition, operator } : each)),
    },
  }))
}

function valueWords({ values }: FilterCondition): string {
  const shown = values
    .slice(0, 2)
    .map(value => (value === '' ? 'none' : value === 'require_approval' ? 'approval' : value))
  return values.length > 2 ? `${shown.join(', ')} and ${values.length - 2} more` : shown.join(', ')
}
