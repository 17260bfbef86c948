//! The capability files: text and trees below the roots that a site grants.
