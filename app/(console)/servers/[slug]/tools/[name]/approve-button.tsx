'use client'

import { Form } from '@/components/form/form'
import { SubmitButton } from '@/components/form/submit-button'
import { useToast } from '@/components/ui/toast'
import { announced } from '../../../../announced'
import { approveToolsAction } from '../../../actions'

export function ApproveButton({ slug, tool, digest }: { slug: string; tool: string; digest: string }) {
  const toast = useToast()
  return (
    <Form action={announced(approveToolsAction, () => toast({ text: `${tool} approved as shown` }))}>
      <input type="hidden" name="slug" value={slug} />
      <input type="hidden" name="shown" value={`${digest} ${tool}`} />
      <SubmitButton size="small" kind="act" name="approve" value="all">
        Approve this definition
      </SubmitButton>
    </Form>
  )
}
