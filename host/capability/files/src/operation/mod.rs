//! The operations of the capability, one file for each group.

pub(crate) mod archive;
pub(crate) mod look;
pub(crate) mod restore;
pub(crate) mod tree;
pub(crate) mod write;
