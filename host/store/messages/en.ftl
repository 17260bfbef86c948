P0201 = Run { $run } is at work in another process. Wait until it has finished or waits, or follow it: procedo follow { $run }.
P0202 = There is no run “{ $run }” here. “procedo runs” lists those there are.
P0203 = The journal could not be used: { $reason }.
P0204 = The disk is full at { $path }: the journal cannot be written. Make room, then resume the runs concerned.
P0205 = The blob { $blob } was changed: it does not hold what its name says. “procedo audit verify” says which entry needs it.
P0206 = Run { $run } has finished: nothing can be added to it.
P0207 = The journal of run { $run } is broken at entry { $seq }: { audit-why }. Nothing of it is used; “procedo audit verify” says more.
P0208 = The blob { $blob } is not in the store.
P0209 = The site's key is missing at { $path }: put it back from your copy. The journal cannot be used without it, and no new key can replace it.
P0210 = The key is not the one of the journal in { $path }. Check PROCEDO_KEY, PROCEDO_KEY_FILE and the file “key” there.
P0211 = What { $place } holds is no key: 64 hexadecimal digits are expected.
P0212 = The journal's database is damaged, or is not Procedo's: { $reason }. Restore the folder “.procedo” from a backup.
P0213 = The journal has format { $found }, and this Procedo knows format { $known }. Use the newer Procedo that wrote it.
P0214 = The content is too large for the journal: { $size } bytes. At most 900,000,000 are possible.
P0215 = The secrets in { $path } are damaged, or were encrypted with another key. Restore the file from a backup, or remove it and set the secrets again.
P0216 = This process does not hold run { $run }, so it cannot write to its journal. This is a bug in Procedo.
P0217 = There is a run { $run } already.
P0218 = { $path } cannot be used: { $reason }.
P0220 = Head { $number } is not one that this site signed: { audit-why }.
P0221 = Line { $line } is not part of an export of this site: { $reason }.

audit-why = { $why ->
    [entry-changed] the entry was changed: it does not match its hash
    [entry-unreadable] the entry cannot be read: { $reason }
    [out-of-order] entry { $expected } should stand here, but entry { $found } does: an entry was removed, added or moved
    [leads-astray] the entry does not lead to the one before it
    [missing] the entry is missing
    [cut] entries were removed: the journal was signed up to entry { $signed }
    [rewritten] the journal was rewritten: the entry is not the one that was signed
    [not-its-start] the journal does not begin with the run's own start
    [after-end] there is an entry after the end of the run
    [unsigned] the entry should be in the signed chain, but is not
    [list-differs] the list of runs says “{ $listed }” where the journal says “{ $told }” ({ $column ->
        [procedure] procedure
        [actor] who started it
        [started] start
        [finished] end
        [parent] parent run
        [undoes] run undone
       *[state] state
    })
    [not-listed] there are entries of run number { $number }, which is not in the list of runs
    [no-entries] the run is in the list, but has no entries
    [head-changed] the head was changed
    [head-forged] the signature of the head is not this site's
    [head-out-of-order] head { $expected } should stand here, but head { $found } does: a head was removed, added or moved
    [blob-lost] the blob { $blob } is lost
    [blob-changed] the blob { $blob } was changed
    [tail-cut] the chain ends at head { $found }, before the exported head { $exported }: its tail was cut off
    [chain-rewritten] head { $exported } is not the one exported before: the chain was rewritten
   *[other] { $why }
}
audit-entry = Run { $run }, entry { $seq }: { audit-why }
audit-run = Run { $run }: { audit-why }
audit-store = Store: { audit-why }
