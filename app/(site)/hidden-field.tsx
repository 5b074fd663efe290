/** A field that people neither see nor reach; programs that fill every field give themselves away. */
export function Hidden() {
  return (
    <div aria-hidden="true" className="absolute -left-[999rem] size-px overflow-hidden">
      <label>
        Leave this empty
        <input type="text" name="fax" tabIndex={-1} autoComplete="off" />
      </label>
    </div>
  )
}
