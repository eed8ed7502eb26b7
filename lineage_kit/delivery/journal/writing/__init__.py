"""The side of the journal that is written to: one append per event, within a quota."""
