'use client'

import { startTransition } from 'react'
import { idle } from '@/components/form/form-state'
import { buttonClass } from '@/components/ui/button'
import { CategoryLetter } from '@/components/ui/category-letter'
import { Icon } from '@/components/ui/icon'
import { Menu, MenuChoice } from '@/components/ui/menu'
import { useToast } from '@/components/ui/toast'
import { Category } from '@/lib/catalogue/model'
import { setToolCategoryAction } from '../actions'

/** The category of a tool; a press sets it by a person's judgement, which scans leave alone from then on. */
export function CategoryMenu({
  slug,
  tool,
  category,
  mayChange,
}: {
  slug: string
  tool: string
  category: Category
  mayChange: boolean
}) {
  const toast = useToast()
  if (!mayChange) return <CategoryLetter category={category} />
  const choose = (chosen: string) => {
    const data = new FormData()
    data.set('slug', slug)
    data.set('tool', tool)
    data.set('category', chosen)
    startTransition(async () => {
      const state = await setToolCategoryAction(idle, data)
      if (state.status === 'refused') toast({ text: state.message ?? 'The category was not changed.', tone: 'bad' })
      else toast({ text: `${tool} is ${chosen} now`, act: { label: 'Undo', run: () => choose(category) } })
    })
  }
  return (
    <Menu
      align="start"
      trigger={
        <button
          type="button"
          aria-label={`Category of ${tool}: ${category}. Change`}
          className={buttonClass({ kind: 'quiet', size: 'small' }, '-ml-2')}
        >
          <CategoryLetter category={category} />
          <Icon name="down" small className="text-ink-3" />
        </button>
      }
    >
      <MenuChoice
        label="Category"
        value={category}
        choices={Category.options.map(key => ({ key, label: <CategoryLetter category={key} /> }))}
        onChoose={choose}
      />
    </Menu>
  )
}
