//! What can be wrong with a journal.

use procedo_core::message::Message;

/// What is wrong with an entry, a head, a blob or the list of runs. Its text is for logs; people get [`Flaw::message`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// An entry is not the one that the hash beside it was made of.
    #[error("the entry was changed: it does not match its hash")]
    EntryChanged,
    /// The bytes are no entry.
    #[error("the entry cannot be read: {reason}")]
    EntryUnreadable {
        /// Why.
        reason: String,
    },
    /// The place after the entry before holds another entry than the next.
    #[error(
        "entry {expected} should stand here, but entry {found} does: an entry was removed, added or moved"
    )]
    OutOfOrder {
        /// The number that should stand here.
        expected: u64,
        /// The number that does.
        found: u64,
    },
    /// An entry does not lead to the one before it in the same run, so that readers would miss some.
    #[error("the entry does not lead to the one before it")]
    LeadsAstray,
    /// The entry that another one, or the list of runs, leads to is not there.
    #[error("the entry is missing")]
    Missing,
    /// The journal ends before the entry that a signed head speaks of.
    #[error("entries were removed: the journal was signed up to entry {signed}")]
    Cut {
        /// The last entry that was signed.
        signed: u64,
    },
    /// An entry, with its hash, is another than the one that was signed.
    #[error("the journal was rewritten: the entry is not the one that was signed")]
    Rewritten,
    /// The first entry tells of another run, or is no `started`; or there is a second `started`.
    #[error("the journal does not begin with the run's own started entry")]
    NotItsStart,
    /// There is an entry after the last.
    #[error("there is an entry after the finished entry")]
    AfterEnd,
    /// An entry that is written with a head has none.
    #[error("the entry should be in the signed chain, but is not")]
    Unsigned,
    /// The list of runs says something else than the run's journal.
    #[error("the list of runs says {listed} where the journal says {told} ({column})")]
    ListDiffers {
        /// What it is about, as the column is named.
        column: &'static str,
        /// What the list says.
        listed: String,
        /// What the journal says.
        told: String,
    },
    /// There are entries of a run that the list of runs lacks.
    #[error("there are entries of run number {number}, which is not in the list of runs")]
    NotListed {
        /// The run's number in the table.
        number: i64,
    },
    /// The list of runs has a run without any entry.
    #[error("the run is in the list, but has no entries")]
    NoEntries,
    /// A head's members do not give its hash.
    #[error("the head was changed")]
    HeadChanged,
    /// A head's signature is not the site's.
    #[error("the signature of the head is not this site's")]
    HeadForged,
    /// A head does not follow the one before.
    #[error("head {expected} should stand here, but head {found} does: a head was removed, added or moved")]
    HeadOutOfOrder {
        /// The number that should stand here.
        expected: u64,
        /// The number that does.
        found: u64,
    },
    /// A blob that an entry names is gone.
    #[error("the blob {blob} is lost")]
    BlobLost {
        /// Its name.
        blob: String,
    },
    /// A blob does not hold what its name says.
    #[error("the blob {blob} was changed")]
    BlobChanged {
        /// Its name.
        blob: String,
    },
    /// The chain no longer reaches the head exported before.
    #[error("the chain ends at head {found}, before the exported head {exported}: its tail was cut off")]
    TailCut {
        /// The number of the exported head.
        exported: u64,
        /// The number of the last head now.
        found: u64,
    },
    /// The chain holds another head than the one exported before.
    #[error("head {exported} is not the one exported before: the chain was rewritten")]
    ChainRewritten {
        /// The number of the exported head.
        exported: u64,
    },
}

impl Flaw {
    /// The word for it in reports and messages.
    pub fn name(&self) -> &'static str {
        match self {
            Self::EntryChanged => "entry-changed",
            Self::EntryUnreadable { .. } => "entry-unreadable",
            Self::OutOfOrder { .. } => "out-of-order",
            Self::LeadsAstray => "leads-astray",
            Self::Missing => "missing",
            Self::Cut { .. } => "cut",
            Self::Rewritten => "rewritten",
            Self::NotItsStart => "not-its-start",
            Self::AfterEnd => "after-end",
            Self::Unsigned => "unsigned",
            Self::ListDiffers { .. } => "list-differs",
            Self::NotListed { .. } => "not-listed",
            Self::NoEntries => "no-entries",
            Self::HeadChanged => "head-changed",
            Self::HeadForged => "head-forged",
            Self::HeadOutOfOrder { .. } => "head-out-of-order",
            Self::BlobLost { .. } => "blob-lost",
            Self::BlobChanged { .. } => "blob-changed",
            Self::TailCut { .. } => "tail-cut",
            Self::ChainRewritten { .. } => "chain-rewritten",
        }
    }

    /// The sentence for people.
    pub fn message(&self) -> Message {
        self.told_by(Message::new("audit-why"))
    }

    /// Gives a message that tells of a flaw the flaw's name, as `why`, and its values.
    pub(crate) fn told_by(&self, message: Message) -> Message {
        let message = message.with("why", self.name());
        match self {
            Self::EntryUnreadable { reason } => message.with("reason", reason),
            Self::OutOfOrder { expected, found } | Self::HeadOutOfOrder { expected, found } => {
                message.with("expected", expected).with("found", found)
            }
            Self::Cut { signed } => message.with("signed", signed),
            Self::ListDiffers { column, listed, told } => message
                .with("column", column)
                .with("listed", listed)
                .with("told", told),
            Self::NotListed { number } => message.with("number", number),
            Self::BlobLost { blob } | Self::BlobChanged { blob } => message.with("blob", blob),
            Self::TailCut { exported, found } => message.with("exported", exported).with("found", found),
            Self::ChainRewritten { exported } => message.with("exported", exported),
            Self::EntryChanged
            | Self::LeadsAstray
            | Self::Missing
            | Self::Rewritten
            | Self::NotItsStart
            | Self::AfterEnd
            | Self::Unsigned
            | Self::NoEntries
            | Self::HeadChanged
            | Self::HeadForged => message,
        }
    }
}
